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
		return worker.Batch{}, classified(err, pulling)
	}
	batch := worker.Batch{Events: events.Split(set), Leased: Leased(sent)}
	for i := range batch.Events {
		batch.Events[i].SubAppID = q.SubAppID
	}
	return batch, nil
}

// Confirm calls the emulator's Confirm once.
func (q Queue) Confirm(ctx context.Context, handles []string) error {
	return classified(q.Emulator.Confirm(ctx, q.SubAppID, handles), confirming)
}

// Leased is when the window of events has begun at the earliest that come now, in answer to what was sent then.
func Leased(sent time.Time) time.Time {
	if begun := time.Now().Add(-worker.HeadStart); begun.After(sent) {
		return begun
	}
	return sent
}

// What the worker knows API errors by, by their first part. The empty one is all others.
var (
	pulling = map[string]error{
		"RequestLimitExceeded": worker.ErrThrottled, "UnauthorizedOperation": worker.ErrFatal, "AuthFailure": worker.ErrFatal,
		"ResourceNotFound": worker.ErrFatal, "InvalidParameter": worker.ErrFatal, "InvalidParameterValue": worker.ErrFatal,
	}
	confirming = map[string]error{
		"RequestLimitExceeded": worker.ErrThrottled, "UnauthorizedOperation": worker.ErrFatal, "AuthFailure": nil,
		"InternalError": nil, "": worker.ErrRefused,
	}
)

// classified wraps what the worker knows an API error by.
func classified(err error, kinds map[string]error) error {
	api, ok := errors.AsType[*vodtest.APIError](err)
	if !ok || api.Code == "AuthFailure.SignatureExpire" {
		return err
	}
	part, _, _ := strings.Cut(api.Code, ".")
	kind, known := kinds[part]
	if !known {
		kind = kinds[""]
	}
	if kind == nil {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}
