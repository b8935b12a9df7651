// Package worker consumes the event notifications of Tencent Cloud VOD: it pulls them from their queue, hands each
// one to every handler that wants it, and confirms it when all of them have succeeded.
//
//	source, err := tencent.New(tencent.Options{}) // with the key in the environment
//	…
//	w, err := worker.New(source, []worker.Handler{{
//		Name:   "uploads",
//		Types:  []string{"NewFileUpload"},
//		Handle: func(ctx context.Context, e events.Event) error { return store(ctx, e.FileID()) },
//	}}, nil)
//	…
//	err = w.Run(ctx) // until ctx ends
//
// # What it promises
//
// An event is confirmed only after every handler that it was meant for has returned nil, and within its window.
// Whatever else happens, a handler's error, a panic, a time-out, kill -9, the event stays queued and is handed out
// again. So a handler sees every event at least once, and sometimes twice: it must be idempotent.
//
// Events come in no order, and VOD gives them no time. Never let an older status overwrite a newer one.
//
// # The window
//
// VOD gives a worker 30 s to confirm an event. They are counted from the earliest moment at which they may have
// begun, and divided up: 25 s for the handlers, whose context then ends, and 5 s for confirming. An event that
// could not be started with enough of its handling time left is left to come again. Handlers that need longer
// should store the event and return.
//
// # What fails
//
// A handler that fails is tried again a few times, then when VOD hands the event out again, then less and less often.
// With [DeadLetters] an event can be given up, if what handles it is well otherwise, or after 72 h. A handler that fails five
// different events in a row, or that can't be reached for a minute, is down: one event at a time tries it, the others are
// left, and nothing is counted against them. What has succeeded is remembered for as long as the event may come again, so
// that it need not run twice in the same process.
//
// # Which application
//
// A Worker consumes the queue of one application. For several, make a Source and a Worker for each, give them one [Limiter],
// since the quota is the account's, and run them side by side. [Handler].SubApps says whose events a handler wants.
//
// # Normal callbacks
//
// An application whose mode is PUSH has no queue: VOD posts each event, once, and up to two times more if it gets no answer
// in 5 s. Package [github.com/vodworker/vodworker/worker/callback] receives them, into the same handlers. What a Worker
// promises it cannot: an event that comes while no process is there to take it is gone.
//
// # Who runs what
//
// [Worker.Run] and [Worker.Drain] own everything they start. One goroutine decides; for each poll, each event that is
// being handled, each letter that is being written and each batch that is being confirmed it starts one more, which
// reports back. Nothing is left when they return, except handlers and calls of a Source that do not return when their
// context ends.
package worker
