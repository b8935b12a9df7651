package sim_test

import (
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
)

// pullLimit is how long the real Source waits for an answer.
const pullLimit = 10 * time.Second

// A network is the way between a process and its queue, and what goes wrong on it.
type network struct {
	life *life
	next worker.Source
}

func (n network) Pull(ctx context.Context) (batch worker.Batch, err error) {
	ctx, cancel := n.life.whileAlive(ctx)
	defer cancel()
	ctx, cancelLimit := context.WithTimeout(ctx, pullLimit)
	defer cancelLimit()
	f := n.life.fault("pull", n.life.world.plan.pullFaults)
	sent := time.Now()
	err = f.around(ctx, func() error {
		batch, err = n.next.Pull(ctx)
		return err
	})
	if err != nil {
		return worker.Batch{}, err
	}
	batch.Leased = emulated.Leased(sent)
	if f.odd && len(batch.Events) > 0 {
		batch.Events[len(batch.Events)/2].Handle = "" // it can't be read
	}
	return batch, nil
}

func (n network) Confirm(ctx context.Context, handles []string) error {
	ctx, cancel := n.life.whileAlive(ctx)
	defer cancel()
	f := n.life.fault("confirm", n.life.world.plan.confirmFaults)
	return f.around(ctx, func() error { return n.next.Confirm(ctx, handles) })
}

// A fault is what goes wrong with one call.
type fault struct {
	slowThere, slowBack time.Duration
	there, back         error // instead of the effect; instead of its answer
	hangThere, hangBack bool
	odd                 bool // an element of the answer can't be read
}

var errBroken = errors.New("the connection was reset")

// fault decides about the next call of a process.
func (l *life) fault(action string, perMille int) (f fault) {
	p, now := l.world.plan, l.world.now()
	d := p.dice.of(action, l.replica, l.number, l.countCall(action))
	if now >= p.chaos {
		return f
	}
	for _, o := range p.outages {
		if o.covers(now) {
			f.there = o.err
			return f
		}
	}
	if !d.of("whether").perMille(perMille) {
		return f
	}
	refused := errBroken
	if action == "confirm" {
		refused = worker.ErrRefused // for no reason
	}
	err := pick(d.of("error"), errBroken, errBroken, errBroken, worker.ErrThrottled, worker.ErrFatal, refused)
	switch d.of("kind").n(8) {
	case 0:
		f.slowThere = d.of("slow").between(0, 8*time.Second)
	case 1:
		f.slowBack = d.of("slow").between(0, 4*time.Second)
	case 2, 3:
		f.there = err
	case 4:
		f.back = errBroken
	case 5:
		f.hangThere = true
	case 6:
		f.hangBack = true
	case 7:
		f.odd = true
	}
	return f
}

func (f fault) around(ctx context.Context, effect func() error) error {
	if err := wait(ctx, f.slowThere, f.hangThere); err != nil {
		return err
	}
	if f.there != nil {
		return f.there
	}
	err := effect()
	if lost := wait(ctx, f.slowBack, f.hangBack); lost != nil {
		return lost
	}
	if f.back != nil {
		return f.back
	}
	return err
}

// wait lets d pass, or all the time that ctx has. It returns nothing else than what ended ctx.
func wait(ctx context.Context, d time.Duration, hang bool) error {
	if hang {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
