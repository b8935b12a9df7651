// Package watch says what a process that consumes queues is about: one line when it starts, one now and then while events flow,
// one when a drain ends, and one when an application's settings keep events away. It knows nothing of commands and files.
package watch

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// An Application is one whose queue is consumed.
type Application struct {
	Expected
	Log      zerolog.Logger
	Settings func(context.Context) (tencent.Settings, error) // calls DescribeEventConfig once
	Status   func() worker.Status
	Received func() bool // whether this process has taken a callback
}

// A Watch is over all applications of a process.
type Watch struct {
	Log          zerolog.Logger // for what is about no single application
	Start        Start
	Applications []Application
	Behind       []Behind
}

// Behind is a handler of an inbox, which has a worker of its own.
type Behind struct {
	Handler string
	Status  func() worker.Status
}

// Run says what it has to say until ctx ends. It calls DescribeEventConfig for each application at once, and later once an hour
// at most, but for one more call a minute after one that failed. No failure ends it.
func (w *Watch) Run(ctx context.Context) {
	learnt := make(chan func(*facts), len(w.Applications)+1)
	started := make(chan struct{})
	var watchers sync.WaitGroup
	watchers.Go(func() {
		from := w.Start.KeyFrom(ctx)
		learnt <- func(f *facts) { f.keyFrom = from }
	})
	for i, app := range w.Applications {
		watchers.Go(func() {
			if !sleep(ctx, inTurn(i)) {
				return
			}
			settings, err := app.ask(ctx)
			learnt <- func(f *facts) {
				if err == nil {
					f.applications[i] = app.described(settings)
				}
			}
			<-started
			app.watchMode(ctx, settings, err)
		})
		watchers.Go(func() { summarize(ctx, app.Log, app.Status) })
	}
	for _, of := range w.Behind {
		watchers.Go(func() { summarize(ctx, w.Log.With().Str("handler", of.Handler).Logger(), of.Status) })
	}
	w.start(ctx, learnt)
	close(started)
	watchers.Wait()
}

// askAtOnce is how many applications are asked about in a second: half of what an account may ask, since replicas may ask too.
const askAtOnce = 10

// inTurn is how long the i-th application waits until it is asked about.
func inTurn(i int) time.Duration { return time.Duration(i/askAtOnce) * time.Second }

// sleep reports whether ctx has outlasted d.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
