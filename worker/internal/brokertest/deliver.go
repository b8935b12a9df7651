package brokertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

const (
	hands   = 64                     // how many events are handed over at once
	tryTime = 3 * time.Second        // after which the context of a try ends
	pause   = 250 * time.Millisecond // until the next try

	// stubborn is how often an event may fail in a row though all is well again. With a pause that is 10 s at least.
	stubborn = 40
)

// A delivery hands events over as a worker does: several at once, each again and again until it is accepted.
type delivery struct {
	to     sink.Sink
	events []events.Event
	queue  chan events.Event // those that were released
	ctx    context.Context
	cancel context.CancelCauseFunc
	hands  sync.WaitGroup
	news   chan struct{} // holds one when the state has changed

	mu       sync.Mutex
	released int
	accepted map[string]int // at which age the try began
	age      int            // how often forget was called
	failed   int            // tries that ended without nil
	ended    int            // of these, because their time was over
	spoiled  bool           // failures are to be expected
	well     int            // how often all was well again
	breach   error
}

// deliver is ready to hand events over, once they are released.
func deliver(ctx context.Context, to sink.Sink, all []events.Event) *delivery {
	d := &delivery{
		to: to, events: all, queue: make(chan events.Event, len(all)), news: make(chan struct{}, 1),
		accepted: map[string]int{},
	}
	d.ctx, d.cancel = context.WithCancelCause(ctx)
	for range hands {
		d.hands.Go(d.hand)
	}
	return d
}

// stop ends the hands, and waits for them.
func (d *delivery) stop() {
	d.cancel(errOver)
	d.hands.Wait()
}

// release has the hands go on up to that part of all events, of 12. What is released while a server is away can't have been accepted
// before, however fast it was.
func (d *delivery) release(parts int) {
	upTo := len(d.events) * parts / 12
	for _, e := range d.events[d.released:upTo] {
		d.queue <- e
	}
	d.released = upTo
}

// until waits until is says so or all are accepted. It fails when a hand does, or the time is over.
func (d *delivery) until(is func() bool) error {
	for {
		d.mu.Lock()
		breach, accepted := d.breach, len(d.accepted)
		enough := accepted == len(d.events) || is()
		d.mu.Unlock()
		if breach != nil {
			return breach
		}
		if enough {
			return nil
		}
		select {
		case <-d.news:
		case <-d.ctx.Done():
			return fmt.Errorf("%d of %d events were accepted: %w", accepted, len(d.events), context.Cause(d.ctx))
		}
	}
}

// untilAccepted waits for that part of all, of 12.
func (d *delivery) untilAccepted(parts int) error {
	return d.until(func() bool { return len(d.accepted) >= len(d.events)*parts/12 })
}

// untilFailed waits for so many failures that every hand may have seen two: of what it was about, and of what is away.
func (d *delivery) untilFailed() error {
	d.mu.Lock()
	before := d.failed
	d.mu.Unlock()
	return d.until(func() bool { return d.failed >= before+2*hands })
}

// spoil says that failures are to be expected until heal is called.
func (d *delivery) spoil() { d.set(func() { d.spoiled = true }) }
func (d *delivery) heal()  { d.set(func() { d.spoiled = false; d.well++ }) }

// forget says that what was accepted by a try that has begun need not be there.
func (d *delivery) forget() { d.set(func() { d.age++ }) }

func (d *delivery) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// finish waits until all are accepted, and says whether they lie there.
func (d *delivery) finish(r *run) error {
	if err := d.untilAccepted(12); err != nil {
		return err
	}
	d.stop()
	handed, kept := map[string][]byte{}, map[string]bool{}
	for _, e := range d.events {
		handed[e.ID()] = e.Body()
		if d.accepted[e.ID()] == d.age {
			kept[e.ID()] = true
		}
	}
	r.log("%d tries ended without nil, %d of them at the end of their time", d.failed, d.ended)
	return r.lie(kept, handed, d.failed)
}

func (d *delivery) hand() {
	for {
		select {
		case <-d.ctx.Done():
			return
		case e := <-d.queue:
			if err := d.handOver(e); err != nil {
				d.set(func() { d.breach = errors.Join(d.breach, err) })
				d.tell()
				return
			}
		}
	}
}

// handOver hands an event over until it is accepted.
func (d *delivery) handOver(e events.Event) error {
	failures, well := 0, 0
	for d.ctx.Err() == nil {
		ctx, cancel := context.WithTimeoutCause(d.ctx, tryTime, errOver)
		d.mu.Lock()
		age, isWell := d.age, !d.spoiled
		if d.spoiled || d.well != well {
			failures, well = 0, d.well
		}
		d.mu.Unlock()
		err, breach := try(ctx, d.to, e)
		over := ctx.Err() != nil
		cancel()
		switch {
		case breach != nil:
			return breach
		case worker.IsPermanent(err):
			return fmt.Errorf("an event that many others are like is said to be at fault: %w", err)
		}
		d.count(e, age, err == nil, over)
		if err == nil {
			return nil
		}
		if failures++; isWell && failures > stubborn {
			return fmt.Errorf("all is well again, but an event has failed %d times in a row: %w", failures, err)
		}
		select {
		case <-d.ctx.Done():
		case <-time.After(pause):
		}
	}
	return nil
}

// count counts a try that has begun at that age.
func (d *delivery) count(e events.Event, age int, accepted, over bool) {
	d.set(func() {
		switch {
		case accepted:
			d.accepted[e.ID()] = age
			return
		case over:
			d.ended++
		}
		d.failed++
	})
	d.tell()
}

// tell has until look again.
func (d *delivery) tell() {
	select {
	case d.news <- struct{}{}:
	default:
	}
}
