package metrics

import (
	"errors"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// Worker returns what the workers of all applications tell.
func (m *Metrics) Worker() worker.Hooks {
	return worker.Hooks{
		Pulled: m.pulled, Handled: m.handled, Left: m.left, Confirmed: m.confirmed, LeaseLost: m.lost, DeadLettered: m.deadLettered,
	}
}

// Behind returns what an inbox tells of the handlers behind it: what else there is of its events, whoever stored them has told.
func (m *Metrics) Behind() worker.Hooks {
	return worker.Hooks{Handled: m.ran, DeadLettered: m.deadLettered}
}

// Callback returns what a receiver tells. The rest is in its Status.
func (m *Metrics) Callback() callback.Hooks {
	return callback.Hooks{Received: m.posted, Handled: m.handled, DeadLettered: m.deadLettered}
}

// What is counted of an application that is not among the Options is dropped: nobody else decides about series.

func (m *Metrics) pulled(info worker.PullInfo) {
	app := m.applications[info.SubAppID]
	if app == nil || !app.Pulled {
		return
	}
	app.lastPull.SetToCurrentTime()
	app.pull.count(info.Waited, info.Took, info.Err)
	if info.Err != nil {
		app.pulls[resultOf(info.Err)].Inc()
		return
	}
	app.lastSuccess.SetToCurrentTime()
	app.pullEvents.Observe(float64(len(info.Events)))
	if len(info.Events) == 0 {
		app.pulls["empty"].Inc()
		return
	}
	app.pulls["events"].Inc()
	app.lastEvent.SetToCurrentTime()
	for _, event := range info.Events {
		app.receive(event.Type)
	}
}

func (m *Metrics) posted(info callback.RequestInfo) {
	if app := m.applications[info.SubAppID]; app != nil && info.Type != "" {
		app.receive(info.Type)
	}
}

func (app *application) receive(t events.Type) {
	if counter, known := app.received[t]; known {
		counter.Inc()
		return
	}
	app.other.Inc()
}

func (m *Metrics) handled(info worker.HandleInfo) {
	app := m.applications[info.Event.SubAppID]
	if app == nil {
		return
	}
	if info.Nth == 0 {
		app.wait.Observe(info.Waited.Seconds())
	}
	m.ran(info)
}

func (m *Metrics) ran(info worker.HandleInfo) {
	app := m.applications[info.Event.SubAppID]
	if app == nil {
		return
	}
	if h := app.handlers[info.Outcome.Handler]; h != nil {
		h.outcomes[info.Outcome.Kind.String()].Inc()
		h.seconds.Observe(info.Outcome.Took.Seconds())
	}
}

func (m *Metrics) left(info worker.LeftInfo) {
	if app := m.applications[info.Event.SubAppID]; app != nil && app.Pulled {
		app.left[info.Why].Inc()
	}
}

func (m *Metrics) lost(info worker.LeaseInfo) {
	if app := m.applications[info.Event.SubAppID]; app != nil && app.Pulled {
		app.lost[info.Stage].Inc()
	}
}

func (m *Metrics) confirmed(info worker.ConfirmInfo) {
	app := m.applications[info.SubAppID]
	if app == nil || !app.Pulled {
		return
	}
	app.confirm.count(info.Waited, info.Took, info.Err)
	app.confirms[resultOf(info.Err)].Inc()
	app.batchSize.Observe(float64(len(info.Events)))
	if info.Err != nil {
		return
	}
	for _, left := range info.LeaseLeft {
		app.leaseLeft.Observe(max(left, 0).Seconds()) // a sum must not fall
	}
}

func (m *Metrics) deadLettered(letter worker.DeadLetter) {
	app := m.applications[letter.Event.SubAppID]
	if app == nil {
		return
	}
	if len(letter.Missing) == 0 {
		app.nobody.Inc()
	}
	for _, name := range letter.Missing {
		if h := app.handlers[name]; h != nil {
			h.letters[letter.Reason].Inc()
		}
	}
}

func (a *action) count(waited, took time.Duration, err error) {
	a.waited.Add(waited.Seconds())
	a.took.Observe(took.Seconds())
	a.calls[codeOf(err)].Inc()
}

// What became of a call that brought no events.
const (
	resultOK        = "ok"
	resultThrottled = "throttled"
	resultRefused   = "refused" // the key, a permission, a setting, or a handle
	resultFailed    = "failed"  // and may succeed if it is made again
)

func resultOf(err error) string {
	switch {
	case err == nil:
		return resultOK
	case errors.Is(err, worker.ErrThrottled):
		return resultThrottled
	case errors.Is(err, worker.ErrFatal), errors.Is(err, worker.ErrRefused):
		return resultRefused
	}
	return resultFailed
}
