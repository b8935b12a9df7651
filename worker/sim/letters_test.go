package sim_test

import (
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker"
)

type write = func(context.Context, worker.DeadLetter) error

var errDisk = errors.New("the disk is full")

// write stores a dead letter, or fails to.
func (l *life) write(ctx context.Context, letter worker.DeadLetter) error {
	w := l.world
	number := numberOf(letter.Event)
	e := entry{what: buried, event: number, handle: letter.Event.Handle, raw: &letter.Event.Raw[0]}
	for h := range w.plan.handlers {
		for _, name := range letter.Missing {
			if name == w.plan.handlers[h].name {
				e.missing = append(e.missing, h)
			}
		}
	}
	ctx, cancel := l.whileAlive(ctx)
	defer cancel()
	if w.now() < w.plan.chaos {
		d := w.plan.dice.of("letter", number, w.countRun(-1, number))
		if err := wait(ctx, pick(d.of("slow"), 0, 0, d.between(0, 3*time.Second)), d.of("hangs").oneIn(10)); err != nil {
			return err
		}
		if d.of("fails").oneIn(5) {
			return errDisk
		}
	}
	if !l.record(e) {
		return errDead
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range e.missing {
		w.buried[[2]int{number, h}] = true
	}
	return nil
}
