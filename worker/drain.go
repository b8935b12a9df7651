package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"
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

// ErrUnavailable says that a Drain ended since no call had succeeded for 60 s, or until its end.
var ErrUnavailable = errors.New("the API is not available")

// Drain consumes the queue until it is empty, and returns what it did. It ends when a poll that was sent while
// nothing was in flight brings nothing new. An event that failed or was left in this Drain is not run again in it.
// Its error wraps [ErrFatal] as with [Worker.Run], or [ErrUnavailable]. The end of ctx stops it as it stops Run,
// which is not an error.
//
// While all is well it logs nothing above debug: the caller says what the Summary tells. A failure is logged at info, since
// the event may go well later in this Drain; at the end a warning says for each handler what events still lack it.
func (w *Worker) Drain(ctx context.Context, opts DrainOptions) (Summary, error) {
	if opts.MaxDuration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, opts.MaxDuration, errMaxDuration)
		defer cancel()
	}
	_, keeps := w.source.(Keeper)
	if dead := w.opts.DeadLetters; dead != nil && dead.Attempts > 1 && dead.Record == nil && !keeps {
		w.opts.Log.Info().Int("attempts", dead.Attempts).Msg("no event is given up for its attempts: a drain makes one or two, " +
			"and nothing keeps count of them until the next drain; keep dead letters in a folder")
	}
	return w.start(ctx, newDrain(opts, pace(w.source, w.opts.Window), w.opts.Log))
}

var errMaxDuration = errors.New("the longest duration of this drain is over")

const (
	maxEarlyEmpties = 3
	drainPatience   = 60 * time.Second // of calls that fail in a row
	maxUnconfirmed  = 3                // times that one event is done and can't be confirmed, as when its handle is refused
)

// A drain knows when a Drain is over: the engine tells it what happens, and asks. A nil drain, as in Run, is never over. A
// quiet poll decides: one that was sent while no other was out and nothing was in flight. What it does not bring is not
// queued.
type drain struct {
	opts   DrainOptions
	window time.Duration
	log    zerolog.Logger

	open        map[string]openness // by Key: what was not confirmed in this run
	count       [openAgain + 1]int  // of those
	unconfirmed map[string]int      // deliveries, by Key

	empties   int       // early ones in a row
	lastFresh time.Time // when something came that is not open
	wentDown  bool      // a handler did
	settled   bool      // the pause to settle has begun
	resumeAt  time.Time // its end
	probed    bool      // since then a handler that is down was probed, in vain

	why     string // it is over; empty: it is not
	limited bool   // by a limit or a signal
	trouble error  // for too long
}

// openness is why an event is still queued, as far as this run knows.
type openness int

const (
	openFailed      openness = iota + 1 // a handler failed: not run again
	openLeft                            // not run: not run again
	openUnconfirmed                     // done, but not confirmed: to be confirmed
	openHopeless                        // so, maxUnconfirmed times: not run again
	openAgain                           // failed or left before the pause to settle: to be run once more
)

func newDrain(opts DrainOptions, window time.Duration, log zerolog.Logger) *drain {
	return &drain{
		opts: opts, window: window, log: log, lastFresh: time.Now(),
		open: map[string]openness{}, unconfirmed: map[string]int{},
	}
}

// advanceDrain stops the engine when its drain is over.
func (e *engine) advanceDrain() {
	if e.stopping || e.drain == nil {
		return
	}
	if why := e.drain.over(e.sum.Pulled, e.idle(), e.blocked()); why != "" {
		e.stop(why)
	}
}

// over says why the Drain is over; empty: it is not. pulled counts events, idle says that nothing is on its way, blocked that
// no more can be handled.
func (d *drain) over(pulled int, idle, blocked bool) (why string) {
	switch {
	case d.why != "" || !idle:
	case d.opts.MaxEvents > 0 && pulled >= d.opts.MaxEvents:
		d.limited = true
		d.why = "the largest number of events of this drain is reached"
	case blocked:
		d.why = "handlers that do not return hold every place, or all the memory"
	}
	return d.why
}

// wantsMore reports whether one more poll keeps within MaxEvents, and may be sent now.
func (d *drain) wantsMore(pulled, out int, now time.Time) bool {
	return d == nil || (d.opts.MaxEvents <= 0 || pulled+out*MaxBatch < d.opts.MaxEvents) && !now.Before(d.resumeAt)
}

// nextPoll is when the pause to settle ends; zero if there is none.
func (d *drain) nextPoll(now time.Time) time.Time {
	if d == nil || !now.Before(d.resumeAt) {
		return time.Time{}
	}
	return d.resumeAt
}

// onAnswer takes an answer. fresh counts its events that are news, idle says that nothing is on its way now.
func (d *drain) onAnswer(a answer, fresh int, now time.Time, idle bool) {
	if d == nil {
		return
	}
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
	case !a.quiet || !idle:
	case n == 0 && (a.held() || d.empties >= maxEarlyEmpties):
		d.onNothingNew(now, "the queue is empty")
	case fresh == 0 && (n > 0 && n < MaxBatch || now.Sub(d.lastFresh) >= d.window):
		d.onNothingNew(now, "what is queued has failed or was left in this run")
	}
}

// onNothingNew ends the Drain, or begins the pause to settle.
func (d *drain) onNothingNew(now time.Time, why string) {
	if !d.opts.Settle && !d.wentDown || d.settled {
		// What has not come again by now was confirmed by another worker.
		d.change(func(o openness) bool { return o == openAgain }, 0)
		d.why = why
		return
	}
	d.settle(now, why)
}

func (d *drain) settle(now time.Time, why string) {
	d.log.Debug().Str("why", why).Int("open", len(d.open)).Stringer("window", d.window).
		Msg("waiting one window for what is hidden")
	d.settled, d.empties, d.probed, d.resumeAt = true, 0, false, now.Add(d.window)
	d.change(func(o openness) bool { return o == openFailed || o == openLeft }, openAgain)
}

// onDown notes that a handler went down. The events that need it get one more window when nothing else is left to do.
func (d *drain) onDown() {
	if d != nil {
		d.wentDown = true
	}
}

// onOnlyDown notes that all that comes needs a handler that is down. One more probe decides.
func (d *drain) onOnlyDown(now time.Time) {
	switch {
	case d == nil || d.why != "" || now.Before(d.resumeAt):
	case !d.settled:
		d.settle(now, whyDown)
	case d.probed:
		d.change(func(o openness) bool { return o == openAgain }, openLeft)
		d.why = whyDown
	}
}

const whyDown = "what is queued needs a handler that is down"

// onProbeFailed notes that a handler is still down.
func (d *drain) onProbeFailed(now time.Time) {
	if d != nil && !now.Before(d.resumeAt) {
		d.probed = true
	}
}

// onSignal notes that a signal ended the Drain.
func (d *drain) onSignal() {
	if d != nil {
		d.limited = true
	}
}

// onTrouble ends the Drain if calls have failed since then, for too long.
func (d *drain) onTrouble(since time.Time, err error, now time.Time) {
	if d != nil && now.Sub(since) >= drainPatience {
		d.trouble = err
		d.why = "no call has succeeded for too long"
	}
}

// err is what the Drain returns. polled says whether any poll has succeeded, failing why the last one failed.
func (d *drain) err(polled bool, failing error) error {
	switch {
	case d == nil:
		return nil
	case d.trouble != nil:
		failing = d.trouble
	case !d.limited || polled || failing == nil:
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, failing)
}

// hasFailed reports whether the event failed or was left in this run.
func (d *drain) hasFailed(again *delivery) bool {
	return d != nil && len(d.open) > 0 && slices.Contains([]openness{openFailed, openLeft, openHopeless}, d.open[again.key()])
}

// note takes why a delivery has ended without a confirm; 0: it was confirmed.
func (d *drain) note(of *delivery, why openness) {
	switch {
	case d == nil,
		why == 0 && len(d.open) == 0,
		why == openLeft && d.hasFailed(of): // which says as much, or more
		return
	case why == openUnconfirmed:
		if d.unconfirmed[of.key()]++; d.unconfirmed[of.key()] >= maxUnconfirmed {
			why = openHopeless
		}
	case why != 0 && time.Now().Before(d.resumeAt):
		why = openAgain // it was under way when the pause to settle began
	}
	d.set(of.key(), why)
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

// change sets all events that are open for a reason which is among those.
func (d *drain) change(among func(openness) bool, why openness) {
	for key, was := range d.open {
		if among(was) {
			d.set(key, why)
		}
	}
}

// summary is what was counted. An event that is still open counts once, however often it was delivered, and not at all if it
// went well later.
func (d *drain) summary(s Summary, down []string) Summary {
	if d == nil {
		return s
	}
	s.Failed, s.Left = d.count[openFailed]+d.count[openAgain], d.count[openLeft]
	s.Unconfirmed += d.count[openUnconfirmed] + d.count[openHopeless]
	for _, deliveries := range d.unconfirmed {
		s.Unconfirmed -= deliveries
	}
	s.Down, s.Limited = down, d.limited
	return s
}
