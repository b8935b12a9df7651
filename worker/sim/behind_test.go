package sim_test

import (
	"context"
	"sync"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// behind puts handlers behind an inbox: it returns the one handler that stores events for them, and what runs all of it. The real
// inbox fits in here for the hub.
func (l *life) behind(h *hub, handlers []worker.Handler) (front []worker.Handler, run func(context.Context) error) {
	p := l.world.plan
	router, err := worker.NewRouter(handlers)
	if err != nil {
		panic(err)
	}
	var workers []*worker.Worker
	for _, behind := range handlers {
		o := outlet{h, behind.Name}
		behind.Types, behind.Handle = nil, o.handing(behind.Handle)
		opts := &worker.Options{Concurrency: l.concurrency, StopGrace: p.stopGrace, Window: p.inboxWindow(), Linger: p.linger}
		if p.attempts >= 0 {
			opts.DeadLetters = &worker.DeadLetters{Attempts: p.attempts, Write: o.write}
		}
		var keeper worker.Keeper = o
		if l.world.broken.keeper != nil {
			keeper = l.world.broken.keeper(keeper)
		}
		w, err := worker.New(keeper, []worker.Handler{behind}, opts)
		if err != nil {
			panic(err)
		}
		workers = append(workers, w)
	}
	return []worker.Handler{h.handler(router)}, func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		for _, w := range workers {
			running.Go(func() { _ = w.Run(ctx) })
		}
		err := l.worker.Run(ctx)
		l.record(entry{what: stop})
		cancel()
		running.Wait()
		close(h.close)
		<-h.ended
		return err
	}
}

// inboxWindow is for how long a handler behind an inbox may take.
func (p *plan) inboxWindow() time.Duration {
	return pick(p.dice.of("inbox window"), time.Minute, 3*time.Minute, 10*time.Minute)
}

func (p *plan) handlerNumber(name string) int { return int(name[0] - 'a') }
