//go:build !unix

package main

import "io"

// terminalWidth is not known here: lines are not cut.
func terminalWidth(io.Writer) int { return 0 }
