package sim_test

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A behaviour is what one run of a handler does.
type behaviour struct {
	lasts    time.Duration
	hangs    bool // until its context ends
	ignores  bool // its context
	succeeds bool
	how      string // it fails
}

var errHandler = errors.New("the handler failed")

func (p *plan) behaviour(handler, number, run int, now time.Duration) behaviour {
	d := p.dice.of("run", handler, number, run)
	good := behaviour{succeeds: true, lasts: pick(d.of("lasts"), 0, 0, 0, d.of("short").between(0, 50*time.Millisecond),
		d.of("middle").between(0, 3*time.Second), d.of("long").between(0, pick(d, 3*time.Second, 20*time.Second)))}
	if now >= p.chaos {
		good.lasts = min(good.lasts, 300*time.Millisecond)
		return good
	}
	for _, down := range p.downs {
		if down.handler == handler && down.covers(now) {
			return behaviour{lasts: d.of("refusal").between(0, 100*time.Millisecond), how: "fails"}
		}
	}
	switch p.events[number].temper {
	case calm:
		return good
	case flaky:
		if !d.of("whether").perMille(p.badRuns) {
			return good
		}
	}
	b := behaviour{lasts: good.lasts, how: pick(d.of("how"), "fails", "fails", "fails for good", "asks for a pause", "panics", "exits")}
	switch d.of("kind").n(8) {
	case 0:
		b.hangs = true
	case 1:
		b.hangs, b.succeeds = true, true // late, but it does
	case 2:
		b.ignores, b.lasts = true, d.of("ignores").between(p.window/3, 3*p.window)
		b.succeeds = d.of("late success").oneIn(2)
	}
	return b
}

// handle is handler number h of a process.
func (l *life) handle(h int) func(context.Context, events.Event) error {
	w := l.world
	return func(ctx context.Context, event events.Event) error {
		number := numberOf(event)
		e := entry{what: begins, call: l.countCall("call"), event: number, handler: h, handle: event.Handle, raw: &event.Raw[0]}
		if !l.record(e) {
			return errDead
		}
		b := w.plan.behaviour(h, number, w.countRun(h, number), w.now())
		e.what = ends
		e.err = b.run(ctx, l.death.Done())
		e.cut = !b.ignores && ctx.Err() != nil
		e.permanent = e.err == errHandler && b.how == "fails for good"
		if !l.record(e) {
			return errDead // whatever came of it, nobody knows any more
		}
		switch {
		case e.err != errHandler:
			return e.err
		case b.how == "panics":
			panic(errHandler)
		case b.how == "exits":
			runtime.Goexit()
		case b.how == "fails for good":
			return worker.Permanent(errHandler)
		case b.how == "asks for a pause":
			return worker.RetryAfter(2*b.lasts, errHandler)
		}
		return errHandler
	}
}

var errDead = errors.New("the process is dead")

// atOnce is what time.After(0) would be, for less.
var atOnce = func() <-chan time.Time {
	c := make(chan time.Time)
	close(c)
	return c
}()

// run returns nil, errHandler, or what ended ctx.
func (b behaviour) run(ctx context.Context, dead <-chan struct{}) error {
	var lasts <-chan time.Time
	ended := ctx.Done()
	switch {
	case b.hangs:
	case b.lasts == 0:
		lasts, ended = atOnce, nil
	default:
		lasts = time.After(b.lasts)
	}
	if b.ignores {
		ended = nil
	}
	select {
	case <-lasts:
	case <-ended:
		if !b.hangs || !b.succeeds {
			return context.Cause(ctx)
		}
	case <-dead:
		return errDead
	}
	if b.succeeds {
		return nil
	}
	return errHandler
}
