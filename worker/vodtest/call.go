package vodtest

import (
	"context"
	"errors"
	"time"
)

// A Call is one request to the emulator.
type Call struct {
	Action    string // empty if it was refused before it was clear who calls, and VOD has no action of that name
	SubAppID  uint64 // 0: the default application
	RequestID string

	// Number counts the calls of this Action for this SubAppID, from 1. It is 0 for a request that was refused for
	// its signature, its action or the form of its parameters, and for one that was Forwarded: no fault meets those, and
	// [Stats] leaves them out.
	Number int

	// Forwarded tells that the call went to a stub, see [Emulator.ForwardTo]. Whatever the stub has answered, Err is nil then.
	Forwarded bool

	// Handles are, of ConfirmEvents, those to be confirmed, and of PullEvents, once it is over, those handed out,
	// even if the answer was lost.
	Handles []string

	// Confirmed are, once a ConfirmEvents is over, those of Handles whose events it removed, even if the answer was lost.
	Confirmed []string

	Start time.Time // by the emulator's time, see [Emulator.Advance]

	// What follows is known when the call is over.

	Took  time.Duration // in real time, with the round trip and the hold
	Fault *Fault        // the fault that met it, if one did

	// Err is nil if the call succeeded, an [*APIError] if that was the answer, and another error if there was no
	// answer that a client can read. An empty queue is an APIError by default.
	Err error
}

// An ongoing is a call that is not over yet.
type ongoing struct {
	Call
	began time.Time // by the real time, as the hold and the round trip are measured
	after func()    // what is to happen when the answer is out, or will never be
}

var errClosed = errors.New("vodtest: the emulator was closed")

func (e *Emulator) newCall(action string, subAppID uint64) *ongoing {
	call := Call{Action: action, SubAppID: subAppID, RequestID: e.ids.request(), Start: e.now()}
	return &ongoing{Call: call, began: time.Now()}
}

// finish does what the call has left for when it is over. It does so once.
func (c *ongoing) finish() {
	if after := c.after; after != nil {
		c.after = nil
		after()
	}
}

// do carries out a call: half the round trip, the quota, the effect, what a fault makes of it, and the other half. An effect
// returns the result, an APIError if that is its answer, or another error if the caller has left.
func (e *Emulator) do(ctx context.Context, call *ongoing, effect func() (result []byte, err error)) outcome {
	if err := e.gone(ctx); err != nil {
		return outcome{err: err}
	}
	fault := e.begin(call)
	half := e.cfg.RoundTrip / 2
	if err := e.pause(ctx, half); err != nil {
		return outcome{err: err}
	}
	o := outcome{err: e.admit(call.Action)}
	if o.err == nil && (fault == nil || fault.takesEffect()) {
		o.result, o.err = effect()
		o.err = apiError(o.err)
	}
	if fault != nil && o.answered() {
		o = e.meet(ctx, call, o)
	}
	// This ends at once if nobody waits for the answer any more.
	if err := e.pause(ctx, e.cfg.RoundTrip-half); err != nil {
		return outcome{err: err}
	}
	return o
}

// begin counts the call and looks up which fault is to meet it.
func (e *Emulator) begin(call *ongoing) *Fault {
	e.mu.Lock()
	a := e.app(call.SubAppID)
	a.calls[call.Action]++
	call.Number = a.calls[call.Action]
	choose := e.choose
	e.mu.Unlock()
	if choose != nil {
		call.Fault = choose(call.Call)
	}
	return call.Fault
}

// observe reports a call that is over, and how it failed for its caller.
func (e *Emulator) observe(call *ongoing, err error) {
	call.Took, call.Err = time.Since(call.began), err
	e.note(&call.Call)
	if e.cfg.Observe != nil {
		e.cfg.Observe(call.Call)
	}
}

func (e *Emulator) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-e.closed:
		return errClosed
	}
}

// hang waits until the caller leaves.
func (e *Emulator) hang(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.closed:
		return errClosed
	}
}

// gone returns an error if there is nobody to call, or nobody who calls.
func (e *Emulator) gone(ctx context.Context) error {
	select {
	case <-e.closed:
		return errClosed
	default:
		return ctx.Err()
	}
}
