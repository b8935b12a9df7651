package sinktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

func awayIsUnreached(ctx context.Context, h Harness) error {
	if h.Leave == nil {
		return fmt.Errorf("%w: there is nobody who could leave", ErrCannot)
	}
	over := h.Leave()
	_, reach := h.Sink.Reach(ctx)
	err := h.Sink.Handle(ctx, upload(1, 10, "h"))
	over()
	if !errors.Is(reach, sink.ErrUnreached) {
		return fmt.Errorf("nobody is there, but Reach does not wrap %q: %v", sink.ErrUnreached, reach)
	}
	if !worker.IsUnreachable(err) {
		return fmt.Errorf("nobody is there, which is no event's fault, but this is not unreachable: %v", err)
	}
	return h.works(ctx, upload(1, 10, "h"))
}

func brokenIsUnreachable(ctx context.Context, h Harness) error {
	if h.Break == nil {
		return fmt.Errorf("%w: it can't be broken", ErrCannot)
	}
	over := h.Break()
	err := h.Sink.Handle(ctx, upload(1, 10, "h"))
	over()
	if !worker.IsUnreachable(err) {
		return fmt.Errorf("no event could have been taken, but this is not unreachable: %v", err)
	}
	return h.works(ctx, upload(1, 10, "h"))
}

func reachLeavesNothing(ctx context.Context, h Harness) error {
	traces := func() (string, error) { return "", nil }
	if h.Traces != nil {
		traces = h.Traces
	}
	before, err := traces()
	if err != nil {
		return err
	}
	found, err := h.Sink.Reach(ctx)
	if err != nil || found == "" {
		return fmt.Errorf("the place is there, but Reach found %q: %v", found, err)
	}
	after, err := traces()
	if err != nil {
		return err
	}
	if after != before {
		return fmt.Errorf("before it was reached: %s; after it: %s", before, after)
	}
	if err := h.lie(); err != nil {
		return err
	}
	return h.works(ctx, upload(1, 10, "h"))
}

func noSecretIsShown(ctx context.Context, h Harness) error {
	shown := []string{h.Sink.String()}
	if shown[0] == "" || strings.ContainsFunc(shown[0], unicode.IsControl) {
		return fmt.Errorf("%q is no name in one line", shown[0])
	}
	look := func(spoil func() (over func())) {
		if spoil == nil {
			return
		}
		over := sync.OnceFunc(spoil())
		defer over()
		found, err := h.Sink.Reach(ctx)
		shown = append(shown, found, texts(err))
		err, _ = h.handleShortly(ctx, over)
		shown = append(shown, texts(err))
	}
	look(func() (over func()) { return func() {} })
	for _, spoil := range []func() (over func()){h.Refuse, h.Fail, h.Hang, h.Leave, h.Break} {
		look(spoil)
	}
	if h.Pause != nil {
		look(func() (over func()) { return h.Pause(time.Second) })
	}
	for _, text := range shown {
		for _, secret := range h.Secrets {
			if strings.Contains(text, secret) {
				return fmt.Errorf("the secret %q is shown in %.300q", secret, text)
			}
		}
	}
	return nil
}

// texts returns what err and all that it wraps say, in every way in which they may be printed.
func texts(err error) string {
	if err == nil {
		return ""
	}
	all := fmt.Sprintf("%v\n%+v\n%#v\n", err, err, err)
	switch wrapped := err.(type) {
	case interface{ Unwrap() error }:
		all += texts(wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range wrapped.Unwrap() {
			all += texts(err)
		}
	}
	return all
}

func closeEndsWhatIsHeld(ctx context.Context, h Harness) error {
	if err := manyAtOnce(ctx, h); err != nil {
		return err
	}
	before, err := h.Arrived()
	if err != nil {
		return err
	}
	if err := h.Sink.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	after, err := h.Arrived()
	if err != nil {
		return err
	}
	for _, a := range before {
		if !holds(after, a) {
			return fmt.Errorf("closed, and %s is gone", list([]Arrival{a}))
		}
	}
	if h.Held == nil {
		return nil
	}
	held, err := h.Held()
	if err != nil {
		return err
	}
	if held != 0 {
		return fmt.Errorf("closed, and still holds %d connections or files", held)
	}
	return nil
}
