//go:build !linux

package main

import "os"

// narrow leaves a pipe as wide as most systems have it.
func narrow(*os.File) (size int, err error) { return 64 << 10, nil }
