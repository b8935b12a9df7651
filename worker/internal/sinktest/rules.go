package sinktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// Rules returns the contract of [sink.Sink], rule by rule.
func Rules() []Rule {
	return []Rule{
		{"nil means that the event has arrived", nilMeansArrived},
		{"every byte arrives", everyByteArrives},
		{"an event arrives under its ID, however often", oneID},
		{"many events at once arrive whole", manyAtOnce},
		{"nothing is handed over once the time is over", nothingAfterTheEnd},
		{"the end of the time ends Handle, which says why", endsInTime},
		{"what is refused for good is permanent", refusedIsPermanent},
		{"what fails for no clear reason is nobody's fault, and works later", failureIsNobodys},
		{"what can take no event is unreachable, and works later", brokenIsUnreachable},
		{"a pause that is asked for is told", pauseIsTold},
		{"a place where nobody is is not reached, and works later", awayIsUnreached},
		{"it has a name, and shows no secret", noSecretIsShown},
		{"Reach finds a place, and leaves nothing there", reachLeavesNothing},
		{"Close ends what is held, and what has arrived stays", closeEndsWhatIsHeld},
	}
}

func nilMeansArrived(ctx context.Context, h Harness) error {
	var handled []events.Event
	for n := range 3 {
		e := upload(n, 10, "h")
		if err := h.Sink.Handle(ctx, e); err != nil {
			return err
		}
		handled = append(handled, e)
		if err := h.lie(handled...); err != nil {
			return err
		}
	}
	return nil
}

func everyByteArrives(ctx context.Context, h Harness) error {
	var handled []events.Event
	for name, content := range odd {
		e := event(content)
		if err := h.Sink.Handle(ctx, e); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		handled = append(handled, e)
		if err := h.lie(handled...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func oneID(ctx context.Context, h Harness) error {
	if !h.HasIDs {
		return fmt.Errorf("%w: it has no IDs", ErrCannot)
	}
	const repeats = `"EventType":"MediaCastStatusChanged","MediaCastStatusChangedEvent":{"CastId":"c"}}`
	handled := []events.Event{
		upload(1, 10, "h1"), upload(1, 10, "h1"), upload(1, 10, "h2"), // tried again, and handed out again
		upload(2, 10, "h1"),
		event(`{"EventHandle":"h1",` + repeats), event(`{"EventHandle":"h2",` + repeats),
	}
	for _, e := range handled {
		if err := h.Sink.Handle(ctx, e); err != nil {
			return err
		}
	}
	return h.lie(handled...)
}

func manyAtOnce(ctx context.Context, h Harness) error {
	const n = 32
	handled, errs := make([]events.Event, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		handled[i] = upload(i, i%4*20_000, "h") // some larger than what pipes and buffers hold
		all.Go(func() { errs[i] = h.Sink.Handle(ctx, handled[i]) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return h.lie(handled...)
}

// errOver is why the time ends, in these rules.
var errOver = errors.New("the lease is over")

func nothingAfterTheEnd(ctx context.Context, h Harness) error {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errOver)
	if err := ended(h.Sink.Handle(ctx, upload(1, 10, "h")), context.Canceled); err != nil {
		return err
	}
	return h.lie()
}

const (
	shortly = 100 * time.Millisecond // until the time ends

	// patience is what Handle may take after that: its second, and what a machine that is busy takes.
	patience = 5 * time.Second
)

func endsInTime(ctx context.Context, h Harness) error {
	if h.Hang == nil {
		return fmt.Errorf("%w: it can't hang", ErrCannot)
	}
	over := sync.OnceFunc(h.Hang())
	defer over()
	err, inTime := h.handleShortly(ctx, over)
	if !inTime {
		return fmt.Errorf("it has not returned %v after the end", patience)
	}
	return ended(err, context.DeadlineExceeded)
}

// handleShortly hands an event to a place that may hang, with a context that ends soon, and reports whether Handle has
// returned by itself then. If not, it calls over, and waits a little: no sink should be closed before.
func (h Harness) handleShortly(ctx context.Context, over func()) (err error, inTime bool) {
	ctx, cancel := context.WithTimeoutCause(ctx, shortly, errOver)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- h.Sink.Handle(ctx, upload(1, 10, "h")) }()
	late := time.NewTimer(shortly + patience)
	defer late.Stop()
	select {
	case err := <-done:
		return err, true
	case <-late.C:
		over()
		select {
		case err = <-done:
		case <-time.After(patience):
		}
		return err, false
	}
}

// ended returns what is wrong with the error of a Handle whose context has ended.
func ended(err, want error) error {
	switch {
	case err == nil:
		return errors.New("no error, but the time was over")
	case !errors.Is(err, want):
		return fmt.Errorf("the error does not wrap %q: %w", want, err)
	case !errors.Is(err, errOver) || !strings.Contains(err.Error(), errOver.Error()):
		return fmt.Errorf("the error does not say why the time is over: %w", err)
	case blames(err):
		return fmt.Errorf("nobody knows why it took so long, but this says whose fault it is: %w", err)
	}
	return nil
}

func refusedIsPermanent(ctx context.Context, h Harness) error {
	if h.Refuse == nil {
		return fmt.Errorf("%w: it can't refuse", ErrCannot)
	}
	over := h.Refuse()
	err := h.Sink.Handle(ctx, upload(1, 10, "h"))
	over()
	if !worker.IsPermanent(err) {
		return fmt.Errorf("an event that is refused for good, and this is not permanent: %v", err)
	}
	return h.works(ctx, upload(2, 10, "h"))
}

// blames reports whether an error says whose fault it is.
func blames(err error) bool { return worker.IsPermanent(err) || worker.IsUnreachable(err) }

func failureIsNobodys(ctx context.Context, h Harness) error {
	if h.Fail == nil {
		return fmt.Errorf("%w: it can't fail", ErrCannot)
	}
	over := h.Fail()
	err := h.Sink.Handle(ctx, upload(1, 10, "h"))
	over()
	if err == nil || blames(err) {
		return fmt.Errorf("a failure that nobody can explain, and this is none, or says whose fault it is: %v", err)
	}
	return h.works(ctx, upload(1, 10, "h"))
}

// works returns an error unless e alone arrives, after what was before.
func (h Harness) works(ctx context.Context, e events.Event) error {
	if err := h.Sink.Handle(ctx, e); err != nil {
		return fmt.Errorf("the place is as it was, but the sink is not: %w", err)
	}
	return h.lie(e)
}

func pauseIsTold(ctx context.Context, h Harness) error {
	if h.Pause == nil {
		return fmt.Errorf("%w: it can't ask for a pause", ErrCannot)
	}
	const want = 7 * time.Second
	defer h.Pause(want)()
	err := h.Sink.Handle(ctx, upload(1, 10, "h"))
	if pause, asked := worker.AskedPause(err); !asked || pause != want || worker.IsPermanent(err) {
		return fmt.Errorf("asked to wait %v, and this asks for %v: %v", want, pause, err)
	}
	return nil
}
