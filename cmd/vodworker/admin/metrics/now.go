package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/tencent"
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

// What a Status tells.
var (
	up        = describe("application_up", "1 while the worker of an application runs.", "app")
	mode      = describe("callback_mode", "1 for the mode that VOD told last: nothing comes to be pulled unless that is PULL.", "app", "mode")
	unmatched = describe("unmatched_total", "Events that no handler wants, and that were confirmed, or answered, unseen.", "app")
	slots     = describe("slots", "Events in flight.", "app", "state")
	inFlight  = describe("in_flight_bytes", "The bodies of the events in flight.", "app")
	stuck     = describe("stuck_handlers", "Events whose handlers have outlived their time, and keep their place until they return.", "app")
	down      = describe("handler_down", "1 while a handler is down: events fail it in a row, or can't reach it.", "app", "handler")
	oldest    = describe("oldest_failing_timestamp_seconds", "When the event that fails for longest was first seen to; 0: none fails.", "app")
	rate      = describe("rate_limit", "Calls of the API that are admitted in a second, of all applications.", "action")
	callbacks = describe("callbacks_total", "Requests to the receiver of callbacks.", "app", "result")
	forgone   = describe("callbacks_lost_total", "Events of callbacks that were given up and not written: the log has them.", "app")
	stored    = describe("dead_letters_stored", "Letters in the folder of dead letters.")
)

// now is what is asked at each scrape.
type now struct{ *Metrics }

func (now) Describe(descs chan<- *prometheus.Desc) {
	all := []*prometheus.Desc{up, mode, unmatched, slots, inFlight, stuck, down, oldest, rate, callbacks, forgone, stored}
	for _, desc := range append(all, ofInbox...) {
		descs <- desc
	}
}

func (n now) Collect(to chan<- prometheus.Metric) {
	tell := teller(to)
	p := n.begun.Load()
	if p == nil {
		p = &Process{}
	}
	behind := n.inbox(p)
	for id, app := range n.applications {
		var status worker.Status
		if ask := p.Status[id]; ask != nil {
			status = ask()
		}
		var received callback.Status
		if app.Received && p.Callback != nil {
			received = p.Callback()
		}
		tell.counter(unmatched, status.Unmatched+received.Unmatched, app.Name)
		tell.gauge(stuck, float64(status.Stuck+received.Stuck), app.Name)
		if app.Pulled {
			tell.worker(app, &status)
			told := ""
			if ask := p.Mode[id]; ask != nil {
				told = ask()
			}
			tell.mode(app, told)
		}
		if app.Pulled || behind != nil {
			tell.down(app, &status, behind)
		}
		if app.Received {
			tell.callbacks(app, &received)
		}
	}
	if behind != nil {
		tell.inbox(behind)
	}
	if p.Limiter != nil {
		pull, confirm := p.Limiter.PerSecond()
		tell.gauge(rate, pull, actionPull)
		tell.gauge(rate, confirm, actionConfirm)
	}
	if p.Letters != nil {
		if n, err := p.Letters(); err == nil { // else nothing is known
			tell.gauge(stored, float64(n))
		}
	}
}

// A teller hands out what is measured now.
type teller chan<- prometheus.Metric

func (t teller) gauge(desc *prometheus.Desc, value float64, labels ...string) {
	t <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func (t teller) counter(desc *prometheus.Desc, n int, labels ...string) {
	t <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
}

func (t teller) worker(app *application, s *worker.Status) {
	t.gauge(up, oneIf(s.State == worker.Running || s.State == worker.Stopping), app.Name)
	t.gauge(slots, float64(s.Waiting), app.Name, "waiting")
	t.gauge(slots, float64(s.Handling), app.Name, "handling")
	t.gauge(slots, float64(s.Writing), app.Name, "writing")
	t.gauge(slots, float64(s.Confirming), app.Name, "confirming")
	t.gauge(inFlight, float64(s.Bytes), app.Name)
	t.gauge(oldest, seconds(s.OldestFailing), app.Name)
}

// down tells of the handlers of an application that its worker runs, and of those behind the inbox, which are down for all.
func (t teller) down(app *application, s *worker.Status, behind *inbox.Status) {
	isDown := map[string]bool{}
	for _, name := range s.DownNow {
		isDown[name] = true
	}
	if behind != nil {
		for _, h := range behind.Handlers {
			isDown[h.Handler] = len(h.Worker.DownNow) > 0
		}
	}
	for name := range app.handlers {
		t.gauge(down, oneIf(isDown[name]), app.Name, name)
	}
}

func (t teller) mode(app *application, told string) {
	for _, known := range []string{tencent.ModePull, tencent.ModePush} {
		t.gauge(mode, oneIf(told == known), app.Name, known)
	}
	t.gauge(mode, oneIf(told != tencent.ModePull && told != tencent.ModePush), app.Name, "unknown")
}

func (t teller) callbacks(app *application, s *callback.Status) {
	for result, n := range map[string]int{
		"answered": s.Answered, "unanswered": s.Unanswered, "joined": s.Joined, "overloaded": s.Overloaded,
		"forbidden": s.Forbidden, "invalid": s.Invalid, "broken": s.Broken,
	} {
		t.counter(callbacks, n, app.Name, result)
	}
	t.counter(forgone, s.Lost, app.Name)
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
