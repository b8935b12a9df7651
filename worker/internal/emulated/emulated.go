// Package emulated is the emulator as a [worker.Source], called without HTTP, for tests of the engine. It classifies
// errors as the real one does: the suite in sourcetest holds both to it.
package emulated

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A Queue is the queue of one application of an emulator.
type Queue struct {
	Emulator *vodtest.Emulator
	SubAppID uint64
}

// Pull calls the emulator's Pull once.
func (q Queue) Pull(ctx context.Context) (worker.Batch, error) {
	sent := time.Now()
	set, err := q.Emulator.Pull(ctx, q.SubAppID)
	if api, _ := errors.AsType[*vodtest.APIError](err); api != nil && api.Code == "ResourceNotFound" {
		return worker.Batch{}, nil
	}
	if err != nil {
		return worker.Batch{}, classified(err, worker.ErrFatal)
	}
	batch := worker.Batch{Events: events.Split(set), Leased: Leased(sent)}
	for i := range batch.Events {
		batch.Events[i].SubAppID = q.SubAppID
	}
	return batch, nil
}

// Confirm calls the emulator's Confirm once.
func (q Queue) Confirm(ctx context.Context, handles []string) error {
	return classified(q.Emulator.Confirm(ctx, q.SubAppID, handles), worker.ErrRefused)
}

// Leased is when the window of events has begun at the earliest that come now, in answer to what was sent then.
func Leased(sent time.Time) time.Time {
	if begun := time.Now().Add(-worker.HeadStart); begun.After(sent) {
		return begun
	}
	return sent
}

// classified wraps what the worker knows an API error by. badValue is what an InvalidParameterValue means.
func classified(err, badValue error) error {
	api, ok := errors.AsType[*vodtest.APIError](err)
	if !ok {
		return err
	}
	kind, _, _ := strings.Cut(api.Code, ".")
	switch {
	case api.Code == "InvalidParameterValue":
		return fmt.Errorf("%w: %w", badValue, err)
	case kind == "RequestLimitExceeded":
		return fmt.Errorf("%w: %w", worker.ErrThrottled, err)
	case kind == "AuthFailure", kind == "UnauthorizedOperation", kind == "ResourceNotFound", kind == "InvalidParameter":
		return fmt.Errorf("%w: %w", worker.ErrFatal, err)
	}
	return err
}
