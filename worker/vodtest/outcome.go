package vodtest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
)

// An outcome is what becomes of a call: its answer, and what a fault leaves of that.
type outcome struct {
	// result is the EventSet of PullEvents, nil if there is none, and the members of the Response of any other action.
	result []byte

	// err is an APIError that is answered instead, or why nobody gets an answer: the caller has left, or the emulator
	// was closed.
	err error

	// spoiled is the fault that keeps the caller from reading the answer. Over HTTP it decides what is sent instead; who
	// calls directly learns only of the fault.
	spoiled FaultKind
}

// answered reports whether somebody is there to get the answer.
func (o outcome) answered() bool {
	_, isAPI := errors.AsType[*APIError](o.err)
	return o.err == nil || isAPI
}

// meet returns what a fault makes of an outcome.
func (e *Emulator) meet(ctx context.Context, fault *Fault, o outcome) outcome {
	switch fault.Kind {
	case FaultError:
		return outcome{err: &APIError{fault.code(), "scripted fault"}}
	case FaultHang:
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

// write sends what there is to send over HTTP, and breaks the connection if that is the outcome.
func (o outcome) write(w http.ResponseWriter, requestID string) {
	if !o.answered() {
		panic(http.ErrAbortHandler)
	}
	body := response(requestID, o)
	switch o.spoiled {
	case "":
		write(w, http.StatusOK, "application/json", body)
	case FaultBadGateway:
		write(w, http.StatusBadGateway, "text/html", []byte(badGatewayPage))
	case FaultOdd:
		write(w, http.StatusOK, "application/json", []byte("{}"))
	case FaultCut:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		write(w, http.StatusOK, "application/json", body[:len(body)/2])
		_ = http.NewResponseController(w).Flush() // what was written must be sent before the connection is closed
		panic(http.ErrAbortHandler)
	default: // FaultReset
		panic(http.ErrAbortHandler)
	}
}
