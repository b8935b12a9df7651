//go:build !linux

package store

func risksOf(string) []string { return nil }
