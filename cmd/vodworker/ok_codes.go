package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// okCodes are exit codes that the caller expects.
type okCodes []int

// mayBeOK are those that may be. Nobody expects a wrong configuration or a bug.
const mayBeOK = "3, 4, 5, 69 and 77"

// set takes a list such as 3,5.
func (c *okCodes) set(list string) error {
	known := map[string]int{
		"3": exitLimited, "4": exitFailed, "5": exitDeadLettered, "69": exitUnavailable, "77": exitNoPerm,
	}
	*c = nil
	for text := range strings.SplitSeq(list, ",") {
		code, ok := known[strings.TrimSpace(text)]
		if !ok {
			return fmt.Errorf("it may list %s, such as 3,5", mayBeOK)
		}
		*c = append(*c, code)
	}
	return nil
}

func (c okCodes) has(err error) bool { return slices.Contains(c, exitCode(err)) }

// An okError is one whose code the caller expects: the process exits with 0, and the log keeps the code.
type okError struct{ error }

func (e okError) Unwrap() error { return e.error }

// expect returns err, marked if its code is among them.
func (c okCodes) expect(err error) error {
	if c.has(err) {
		return okError{err}
	}
	return err
}

// processCode is what the process exits with.
func processCode(err error) int {
	if _, ok := errors.AsType[okError](err); ok {
		return exitOK
	}
	return exitCode(err)
}
