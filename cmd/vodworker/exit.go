package main

import (
	"errors"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/tencent"
)

// Exit codes; 69 and 77 are those of sysexits.h.
const (
	exitOK           = 0
	exitUnexpected   = 1  // also a second signal
	exitUsage        = 2  // or configuration
	exitLimited      = 3  // stopped at a limit or by a signal; more may be queued
	exitFailed       = 4  // some events failed and stay queued
	exitDeadLettered = 5  // some events were dead-lettered
	exitUnavailable  = 69 // the API, or the database of the inbox, did not answer
	exitNoPerm       = 77 // credentials or permission
)

// A usageError is the caller's to fix: a flag, an argument, the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// An exitError ends the command with a code and without a message: the log has said why.
type exitError struct{ code int }

func (exitError) Error() string { return "see the log" }

func (exitError) Is(target error) bool { return target == errSaid }

var errSaid = errors.New("said already")

func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if said, ok := errors.AsType[exitError](err); ok {
		return said.code
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[usage.Mistake](err); ok {
		return exitUsage
	}
	switch {
	case errors.Is(err, worker.ErrUnavailable), errors.Is(err, errNobodyAnswers), errors.Is(err, errStopped), errors.Is(err, inbox.ErrUnreached):
		return exitUnavailable
	case errors.Is(err, worker.ErrFatal):
		return fatalCode(err)
	case errors.Is(err, worker.ErrRefused):
		return exitFailed
	}
	if _, ok := errors.AsType[*tencent.Error](err); ok { // one call by hand, for a reason that may pass
		return exitUnavailable
	}
	return exitUnexpected
}

// fatalCode tells a key that is wrong or lacks a permission from a setting that is wrong.
func fatalCode(err error) int {
	api, ok := errors.AsType[*tencent.Error](err)
	if !ok {
		return exitUnexpected
	}
	switch api.Reason {
	case tencent.ReasonKey, tencent.ReasonPermission, tencent.ReasonAccount:
		return exitNoPerm
	default:
		return exitUsage
	}
}

func summaryCode(s worker.Summary) int {
	switch {
	case !s.Clean():
		return exitFailed
	case s.Limited:
		return exitLimited
	case s.DeadLettered > 0:
		return exitDeadLettered
	}
	return exitOK
}
