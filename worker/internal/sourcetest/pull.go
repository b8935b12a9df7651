package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func eventsComeWhole(ctx context.Context, open Open) error {
	r := newRig(open, vodtest.Config{})
	defer r.close()
	contents := []string{
		`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":14508071098244959037,"Big":9007199254740993}}`,
		`{"EventType":"Unheard.Of", "New" : {"x":[1.0,1e2,"\u00e9"]}, "n":null, "n":1}`,
		`{"EventType":7,"Odd":true}`,
	}
	types := []string{"NewFileUpload", "Unheard.Of", ""}
	for _, content := range contents {
		if err := r.emulator.Send(app, []byte(content)); err != nil {
			return err
		}
	}
	r.emulator.Upload(app+1, "of another application")
	batch, err := r.Pull(ctx)
	if err != nil || len(batch.Events) != len(contents) {
		return fmt.Errorf("%d events of %d, %w", len(batch.Events), len(contents), err)
	}
	handles := map[string]bool{}
	for i, e := range batch.Events {
		handles[e.Handle] = true
		switch {
		case string(e.Body()) != contents[i]:
			return fmt.Errorf("got %s, want %s", e.Body(), contents[i])
		case string(e.Type) != types[i] || e.Handle == "" || e.SubAppID != app:
			return fmt.Errorf("type %q, handle %q, application %d of %s", e.Type, e.Handle, e.SubAppID, contents[i])
		}
	}
	if len(handles) != len(contents) {
		return fmt.Errorf("the handles are %v", handles)
	}
	return nil
}

func answersAreBounded(ctx context.Context, open Open) error {
	r := newRig(open, vodtest.Config{})
	defer r.close()
	r.upload(worker.MaxBatch + 4)
	for _, want := range []int{worker.MaxBatch, 4} {
		if batch, err := r.Pull(ctx); err != nil || len(batch.Events) != want {
			return fmt.Errorf("%d events, want %d, %w", len(batch.Events), want, err)
		}
	}
	return nil
}

func emptyIsNoError(ctx context.Context, open Open) error {
	for _, form := range []vodtest.Empty{vodtest.EmptyNotFound, vodtest.EmptyNull, vodtest.EmptyList, vodtest.EmptyAbsent} {
		r := newRig(open, vodtest.Config{Empty: form})
		began := time.Now()
		batch, err := r.Pull(ctx)
		took := time.Since(began)
		r.close()
		if err != nil || len(batch.Events) > 0 {
			return fmt.Errorf("form %d: %d events, %w", form, len(batch.Events), orNone(err))
		}
		if took != 5*time.Second {
			return fmt.Errorf("form %d: it was answered after %v: VOD holds a poll for 5 s", form, took)
		}
	}
	return nil
}

func leasesArePessimistic(ctx context.Context, open Open) error {
	const roundTrip = time.Second
	for _, later := range []time.Duration{0, 3 * time.Second} { // queued, and while the poll is held
		r := newRig(open, vodtest.Config{RoundTrip: roundTrip})
		sent := time.Now()
		time.AfterFunc(later, func() { r.upload(1) })
		batch, err := r.Pull(ctx)
		if err != nil || len(batch.Events) != 1 {
			r.close()
			return fmt.Errorf("%d events, %w", len(batch.Events), orNone(err))
		}
		begun := r.emulator.Queued(app)[0].LeaseEnd.Add(-30 * time.Second)
		r.close()
		leased := batch.Leased
		if leased.IsZero() {
			leased = sent
		}
		switch {
		case leased.After(begun):
			return fmt.Errorf("it is taken to begin %v after it does: confirms would come too late", leased.Sub(begun))
		case leased.Before(sent), leased.Before(begun.Add(-worker.HeadStart)):
			return fmt.Errorf("it is taken to begin %v before it does, and %v after the call: time is thrown away",
				begun.Sub(leased), leased.Sub(sent))
		}
	}
	return nil
}

func confirmedIsGone(ctx context.Context, open Open) error {
	r := newRig(open, vodtest.Config{})
	defer r.close()
	r.upload(worker.MaxBatch)
	batch, err := r.Pull(ctx)
	if err != nil {
		return err
	}
	if err := r.Confirm(ctx, handlesOf(batch)); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	if left := r.emulator.Queued(app); len(left) > 0 {
		return fmt.Errorf("%d events are queued all the same", len(left))
	}
	return nil
}

func badHandlesAreRefused(ctx context.Context, open Open) error {
	const window = 30 * time.Second
	r := newRig(open, vodtest.Config{Window: window})
	defer r.close()
	r.upload(2)
	batch, err := r.Pull(ctx)
	if err != nil || len(batch.Events) != 2 {
		return fmt.Errorf("%d events, %w", len(batch.Events), orNone(err))
	}
	handles := handlesOf(batch)
	if err := r.Confirm(ctx, []string{handles[0], "never handed out"}); kindOf(err) != worker.ErrRefused {
		return fmt.Errorf("an unknown handle: %w", orNone(err))
	}
	time.Sleep(window) // it began before the Pull returned
	if err := r.Confirm(ctx, handles[1:]); kindOf(err) != worker.ErrRefused {
		return fmt.Errorf("a handle whose window is over: %w", orNone(err))
	}
	return nil
}

// kindOf returns which of the worker's kinds an error is; nil is a transient one.
func kindOf(err error) error {
	for _, kind := range []error{worker.ErrThrottled, worker.ErrFatal, worker.ErrRefused} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

var errNone = errors.New("no error")

// orNone is err, or one that says that there is none.
func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}
