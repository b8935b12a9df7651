package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// The actions of a Source.
const (
	pull    = "PullEvents"
	confirm = "ConfirmEvents"
)

// call makes one call of an action.
func (r *rig) call(ctx context.Context, action string) error {
	if action == confirm {
		return r.Confirm(ctx, []string{"never handed out"})
	}
	_, err := r.Pull(ctx)
	return err
}

// fails are the faults that a call may meet, and the kind of error that each is; nil: transient. Of a confirm only a
// permission may end a program, and what is said of the call itself is refused, however it is said: one handle that can't
// be confirmed must not hold up the others.
var fails = []struct {
	fault vodtest.Fault
	kinds map[string]error // by action
}{
	{vodtest.Fault{Code: "RequestLimitExceeded"}, both(worker.ErrThrottled)},
	{vodtest.Fault{Code: "RequestLimitExceeded.UinLimitExceeded"}, both(worker.ErrThrottled)},
	{vodtest.Fault{Code: "AuthFailure.SecretIdNotFound"}, pulling(worker.ErrFatal, nil)},
	{vodtest.Fault{Code: "AuthFailure.SignatureExpire"}, both(nil)},
	{vodtest.Fault{Code: "UnauthorizedOperation"}, both(worker.ErrFatal)},
	{vodtest.Fault{Code: "UnauthorizedOperation.NeverHeardOf"}, both(worker.ErrFatal)},
	{vodtest.Fault{Code: "ResourceNotFound.UserNotExist"}, pulling(worker.ErrFatal, worker.ErrRefused)}, // not an empty queue
	{vodtest.Fault{Code: "InvalidParameter"}, pulling(worker.ErrFatal, worker.ErrRefused)},
	{vodtest.Fault{Code: "InvalidParameterValue"}, pulling(worker.ErrFatal, worker.ErrRefused)},
	{vodtest.Fault{Code: "InvalidParameterValue.EventHandles"}, pulling(worker.ErrFatal, worker.ErrRefused)},
	{vodtest.Fault{Code: "InternalError"}, both(nil)},
	{vodtest.Fault{Code: "InternalError.NeverHeardOf"}, both(nil)},
	{vodtest.Fault{Code: "FailedOperation.NeverHeardOf"}, pulling(nil, worker.ErrRefused)},
	{vodtest.Fault{Code: "NeverHeardOf"}, pulling(nil, worker.ErrRefused)},
	{vodtest.Fault{Kind: vodtest.FaultReset}, both(nil)},
	{vodtest.Fault{Kind: vodtest.FaultCut}, both(nil)},
	{vodtest.Fault{Kind: vodtest.FaultBadGateway}, both(nil)},
	{vodtest.Fault{Kind: vodtest.FaultOdd}, both(nil)},
}

func both(kind error) map[string]error { return pulling(kind, kind) }

// pulling has what is another kind of error when events are pulled than when they are confirmed.
func pulling(kind, confirming error) map[string]error {
	return map[string]error{pull: kind, confirm: confirming}
}

// eachFailure has a call of each action fail in each way, before and after it took effect.
func eachFailure(ctx context.Context, open Open, check func(r *rig, action string, err, kind error) error) error {
	for _, fail := range fails {
		for _, after := range []bool{false, true} {
			for action, kind := range fail.kinds {
				r := newRig(open, vodtest.Config{})
				r.upload(1)
				fault := fail.fault
				fault.After = after || fault.Kind == vodtest.FaultCut
				r.emulator.Script(fault)
				err := check(r, action, r.call(ctx, action), kind)
				r.close()
				if err != nil {
					return fmt.Errorf("%s that met %v: %w", action, fault, err)
				}
			}
		}
	}
	return nil
}

func errorsAreClassified(ctx context.Context, open Open) error {
	return eachFailure(ctx, open, func(_ *rig, _ string, err, kind error) error {
		switch {
		case err == nil:
			return errNone
		case !errors.Is(kindOf(err), kind):
			return fmt.Errorf("%w is of the kind %v, want %v", err, kindOf(err), kind)
		}
		return nil
	})
}

func callsAreMadeOnce(ctx context.Context, open Open) error {
	return eachFailure(ctx, open, func(r *rig, action string, _, _ error) error {
		if n := r.emulator.Stats(app).Calls[action]; n != 1 {
			return fmt.Errorf("it was made %d times: the worker alone tries again", n)
		}
		return nil
	})
}

func callsEndWithTheirContext(ctx context.Context, open Open) error {
	const patience = 3 * time.Second
	for _, action := range []string{pull, confirm} {
		r := newRig(open, vodtest.Config{})
		r.emulator.Script(vodtest.Fault{Kind: vodtest.FaultHang})
		limited, cancel := context.WithTimeout(ctx, patience)
		began := time.Now()
		err := r.call(limited, action)
		took := time.Since(began)
		cancel()
		r.close()
		if kindOf(err) != nil || !errors.Is(err, context.DeadlineExceeded) || took != patience {
			return fmt.Errorf("%s whose context ended after %v returned after %v: %w", action, patience, took, orNone(err))
		}
	}
	return nil
}

func callsRunSideBySide(ctx context.Context, open Open) error {
	const calls = 12
	r := newRig(open, vodtest.Config{RoundTrip: time.Second})
	defer r.close()
	r.upload(calls * worker.MaxBatch)
	began := time.Now()
	errs := make([]error, calls)
	var out sync.WaitGroup
	for i := range calls {
		out.Go(func() {
			batch, err := r.Pull(ctx)
			if err == nil && len(batch.Events) != worker.MaxBatch {
				err = fmt.Errorf("%d events", len(batch.Events))
			}
			if err == nil {
				err = r.Confirm(ctx, handlesOf(batch))
			}
			errs[i] = err
		})
	}
	out.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if left := len(r.emulator.Queued(app)); left > 0 {
		return fmt.Errorf("%d events are left", left)
	}
	if took := time.Since(began); took != 2*time.Second {
		return fmt.Errorf("%d pulls, each with its confirm, took %v: one after the other?", calls, took)
	}
	return nil
}
