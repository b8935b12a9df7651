//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package disk

import "io/fs"

const noFollow = 0

// Follow returns path: these systems have no root.
func Follow(path string) (string, error) { return path, nil }

func oneName(string, fs.FileInfo) error { return nil }
