package vodtest

import (
	"context"
	"errors"

	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

// An outcome is what becomes of a call: its answer, and what a fault leaves of that.
type outcome struct {
	// result is the EventSet of PullEvents, nil if there is none, and the members of the Response of any other action.
	result []byte

	// stubbed is the whole answer, if a stub gave it.
	stubbed *serve.Answer

	// err is an APIError that is answered instead, or why nobody gets an answer: the caller has left, or the emulator
	// was closed.
	err error

	// spoiled is the fault that keeps the caller from reading the answer. Over HTTP it decides what is sent instead; who
	// calls directly learns only of the fault. Whom a stub answers meets none.
	spoiled FaultKind
}

// answered reports whether somebody is there to get the answer.
func (o outcome) answered() bool {
	_, isAPI := errors.AsType[*APIError](o.err)
	return o.err == nil || isAPI
}

// meet returns what the fault of a call makes of an outcome.
func (e *Emulator) meet(ctx context.Context, call *ongoing, o outcome) outcome {
	switch fault := call.Fault; fault.Kind {
	case FaultError:
		return outcome{err: &APIError{fault.code(), "scripted fault"}}
	case FaultHang:
		call.finish() // no answer will be out
		return outcome{err: e.hang(ctx)}
	default:
		o.spoiled = fault.Kind
		return o
	}
}

// failure returns why the call failed for its caller, nil if it did not.
func (o outcome) failure() error {
	if o.spoiled != "" {
		return errors.New("vodtest: scripted fault: " + string(o.spoiled))
	}
	return o.err
}
