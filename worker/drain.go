package worker

import (
	"errors"
	"time"
)

// DrainOptions limit a Drain. The zero value of each field is no limit.
type DrainOptions struct {
	// MaxEvents ends the Drain after this many. Polls bring up to 16, so up to 15 more may be handled.
	MaxEvents int

	// MaxDuration ends it after this time; what is in flight then is brought to its end as at a stop.
	MaxDuration time.Duration

	// Settle makes it wait for one window when the queue is empty, and then run what comes: events that failed
	// before, and those that another worker left behind.
	Settle bool
}

const (
	maxEarlyEmpties = 3
	drainPatience   = 60 * time.Second // of calls that fail in a row
)

var errMaxDuration = errors.New("the longest duration of this drain is over")

// A drain decides when a Drain is over. What counts is a quiet poll: one that was sent when no other was out and
// nothing was in flight, so that what it doesn't bring is not there.
type drain struct {
	opts      DrainOptions
	open      map[string]openness // by Key: what was not confirmed in this run
	count     [openAgain + 1]int  // of those
	empties   int                 // early ones in a row
	lastFresh time.Time           // when something came that is not open
	resumeAt  time.Time           // the end of the pause to settle
	settled   bool
	givenUp   int // confirms
}

// openness is why an event is still queued, as far as this run knows.
type openness int

const (
	openFailed      openness = iota + 1 // a handler failed: not run again
	openLeft                            // not run: not run again
	openUnconfirmed                     // done, but not confirmed: to be confirmed
	openAgain                           // failed or left before the pause to settle: to be run once more
)

func newDrain(opts DrainOptions) *drain {
	return &drain{opts: opts, open: map[string]openness{}, lastFresh: time.Now()}
}

// wantsMore reports whether one more poll keeps within MaxEvents, and may be sent now.
func (d *drain) wantsMore(pulled, out int, now time.Time) bool {
	return (d.opts.MaxEvents <= 0 || pulled+out*MaxBatch < d.opts.MaxEvents) && !now.Before(d.resumeAt)
}

// hasFailed reports whether the event failed or was left in this run.
func (d *drain) hasFailed(again *delivery) bool {
	if len(d.open) == 0 {
		return false
	}
	why := d.open[again.key()]
	return why == openFailed || why == openLeft
}

func (d *drain) onLeft(key string) {
	if d.open[key] != openFailed {
		d.set(key, openLeft)
	}
}

func (d *drain) onGivenUp(key string) {
	d.givenUp++
	d.set(key, openUnconfirmed)
}

func (d *drain) onConfirmed(done *delivery) {
	if len(d.open) > 0 {
		d.set(done.key(), 0)
	}
}

// set notes why an event is open; 0: it is not.
func (d *drain) set(key string, why openness) {
	d.count[d.open[key]]--
	d.count[why]++
	if why == 0 {
		delete(d.open, key)
	} else {
		d.open[key] = why
	}
}

// summary counts what is open by events: deliveries of one event, and what was mended later, are no news.
func (d *drain) summary(s Summary) Summary {
	s.Failed = d.count[openFailed] + d.count[openAgain]
	s.Left = d.count[openLeft]
	s.Unconfirmed += d.count[openUnconfirmed] - d.givenUp
	return s
}

func (d *drain) onAnswer(e *engine, a answer, fresh int, now time.Time) {
	n := len(a.batch.Events)
	if fresh > 0 {
		d.lastFresh = now
	}
	if n == 0 && !a.held() {
		d.empties++
	} else {
		d.empties = 0
	}
	switch {
	case e.stopping, !a.quiet, e.pulls.out > 0, e.inFlight() > 0:
	case n == 0 && (a.held() || d.empties >= maxEarlyEmpties):
		d.onNothingNew(e, now, "the queue is empty")
	case fresh == 0 && (n > 0 && n < MaxBatch || now.Sub(d.lastFresh) >= e.terms.window):
		d.onNothingNew(e, now, "what is queued has failed or was left in this run")
	}
}

// advance ends the Drain when it has pulled as many events as it may, or can pull no more.
func (d *drain) advance(e *engine) {
	if e.stopping || e.pulls.out > 0 || e.inFlight() > 0 {
		return
	}
	switch {
	case d.opts.MaxEvents > 0 && e.sum.Pulled >= d.opts.MaxEvents:
		e.sum.Limited = true
		e.stop("the largest number of events of this drain is reached")
	case e.handling.stuck >= e.opts.Concurrency:
		e.stop("every place is held by a handler that does not return")
	}
}

func (d *drain) onNothingNew(e *engine, now time.Time, why string) {
	if !d.opts.Settle || d.settled {
		// What has not come again by now was confirmed by another worker.
		for key, why := range d.open {
			if why == openAgain {
				d.set(key, 0)
			}
		}
		e.stop(why)
		return
	}
	e.log.Info().Str("why", why).Int("open", len(d.open)).Stringer("window", e.terms.window).
		Msg("waiting one window for what is hidden")
	d.settled, d.empties, d.resumeAt = true, 0, now.Add(e.terms.window)
	for key, openness := range d.open {
		if openness != openUnconfirmed {
			d.set(key, openAgain)
		}
	}
}
