//go:build !linux

// Package reap has the first process of a container wait for children that it has not started.
package reap

// During has work done. There are no containers of one process here.
func During(work func()) { work() }
