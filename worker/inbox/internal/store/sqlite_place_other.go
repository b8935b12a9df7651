//go:build !linux

package store

// remote can't tell here.
func remote(string) bool { return false }
