package worker

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/pause"
	"github.com/vodworker/vodworker/worker/internal/quota"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// VOD has held a poll (for up to 5 s) whose empty answer took at least this long, and the next poll may go out at once. After
	// an empty answer that came at once that would make a hot loop.
	heldAtLeast = time.Second

	maxEmptyPause = 5 * time.Second
	maxErrorPause = 30 * time.Second
	fatalPause    = 30 * time.Second // once a call has succeeded: the key may be changed

	// No poll begins while this much is handled but not confirmed.
	maxConfirming      = 1024
	maxConfirmingBytes = 32 << 20

	// No poll begins after this many failed ConfirmEvents in a row, until one succeeds or no event waits: what a poll brings
	// could not be confirmed either.
	maxConfirmFailures = 5
)

// pulls is what the engine knows about polling.
type pulls struct {
	out  int       // polls
	want int       // polls that should be out: grows while answers are full, else 1
	last time.Time // when one returned

	notBefore time.Time // no poll is sent: after an error, an early empty answer, or events that could only be left
	slowedAt  time.Time // when notBefore was last moved: polls sent before that don't move it further

	succeeded  bool  // any poll has
	failing    error // why the last one failed; nil if it did not
	trouble    say.Trouble
	emptyPause *backoff.ExponentialBackOff
	errorPause *backoff.ExponentialBackOff
	odd        bool // an element without a handle was logged
}

func newPulls(log zerolog.Logger, passing bool) pulls {
	return pulls{
		want:       1,
		trouble:    newTrouble(log, "pull events", passing),
		emptyPause: pause.Jitter(500*time.Millisecond, maxEmptyPause),
		errorPause: pause.Jitter(time.Second, maxErrorPause),
	}
}

// An answer is what became of one poll.
type answer struct {
	batch  Batch
	err    error
	unsent bool // the stop came first
	quiet  bool // sent while nothing was out or in flight, see drain
	began  time.Time
	waited time.Duration // for the limiter
	took   time.Duration
}

func (a answer) held() bool { return a.took >= heldAtLeast }

func (e *engine) startPolling(now time.Time) {
	for e.mayPoll(now) && !now.Before(e.pulls.notBefore) {
		quiet := e.idle()
		e.slots.reserve()
		e.pulls.out++
		go e.poll(quiet)
	}
}

// mayPoll reports whether a poll may go out, pauses aside.
func (e *engine) mayPoll(now time.Time) bool {
	return !e.stopping && e.signal.Err() == nil &&
		e.pulls.out < e.pulls.want && e.slots.canReserve() &&
		!e.blocked() && !e.holdsBack(now) &&
		e.confirms.accepting(e.confirmLane.Share(), e.terms.margin) &&
		e.drain.wantsMore(e.sum.Pulled, e.pulls.out, now)
}

func (e *engine) nextPoll(now time.Time) time.Time {
	if e.mayPoll(now) {
		return e.pulls.notBefore
	}
	return e.drain.nextPoll(now)
}

// slowDown keeps polls back for pause. Polls that were out together fail together: that is one reason, not many.
func (p *pulls) slowDown(sent, now time.Time, pause func() time.Duration) {
	if sent.After(p.slowedAt) {
		p.notBefore, p.slowedAt = now.Add(pause()), now
	}
}

// pauseUntil keeps polls back until then, unless they are kept back for longer.
func (p *pulls) pauseUntil(then time.Time) {
	if then.After(p.notBefore) {
		p.notBefore = then
	}
}

// poll calls PullEvents once. A stop keeps it from being sent, but not from being answered: VOD may have handed out
// events to it already.
func (e *engine) poll(quiet bool) {
	a := answer{quiet: quiet}
	waiting := time.Now()
	if e.pullLane.Wait(e.intake) != nil {
		a.unsent = true
		tell(e, e.polled, a)
		return
	}
	a.began = time.Now()
	a.waited = a.began.Sub(waiting)
	a.batch, a.err = e.source.Pull(e.work)
	a.took = time.Since(a.began)
	if a.batch.Leased.IsZero() {
		a.batch.Leased = a.began
	}
	e.slow("PullEvents", e.pullLane.Bucket, a.began, a.err)
	if hook := e.opts.Hooks.Pulled; hook != nil {
		hook(PullInfo{SubAppID: e.opts.SubAppID, Events: a.batch.Events, Waited: a.waited, Took: a.took, Err: a.err})
	}
	tell(e, e.polled, a)
}

func (e *engine) onPolled(a answer) {
	now := time.Now()
	e.expire(now) // first, so that an event which is still being handled is recognised
	e.pulls.out--
	e.slots.release()
	if a.unsent {
		return
	}
	e.pulls.last = now
	if a.err != nil {
		e.onPullError(a.err, a.began, now)
		return
	}
	e.pulls.succeeded, e.pulls.failing = true, nil
	e.pulls.trouble.Over(now)
	e.pulls.errorPause.Reset()

	a.batch.Events = e.usable(a.batch.Events)
	n := len(a.batch.Events)
	e.log.Debug().Int("events", n).Stringer("took", a.took.Round(time.Millisecond)).Msg("pulled")
	if n > 0 {
		e.pulls.emptyPause.Reset()
	}
	if n > 0 || a.held() {
		e.pulls.notBefore = time.Time{}
	} else {
		e.pulls.slowDown(a.began, now, e.pulls.emptyPause.NextBackOff)
	}
	fresh := e.receive(a, now)
	if n >= MaxBatch && (fresh > 0 || e.drain == nil) {
		e.pulls.want = e.pulls.out + 2 // this one again, and one more
	} else {
		e.pulls.want = 1 // also that a drain finds out what only one poll can tell
	}
	if !e.stopping {
		e.drain.onAnswer(a, fresh, now, e.idle())
	}
}

// receive takes a batch in and returns how many of its events are news: not known to have failed in this drain.
func (e *engine) receive(a answer, now time.Time) (fresh int) {
	var accepted []*delivery
	for i, event := range a.batch.Events {
		e.sum.Pulled++
		e.slots.largest.note(len(event.Raw), now)
		if e.slots.largest.bytes() > usualBody {
			event.Raw = slices.Clone(event.Raw) // else one event that takes long keeps all of its answer
		}
		d := e.terms.newDelivery(event, a.batch.Leased, now)
		d.wanted = e.router.Match(event)
		e.restore(d, a.batch.Failed, now)
		if !e.book.Empty() {
			e.book.Seen(d.key(), now)
		}
		switch {
		case i >= MaxBatch:
			e.leave(d, LeftSurplus) // there is no slot for it
		case e.handling.isStuck(d) && !e.allKeptTooLong(d, now):
			e.leave(d, LeftStuck)
		case e.drain.hasFailed(d):
			e.leave(d, LeftFailed)
		default:
			accepted = append(accepted, d)
			e.slots.hold(d)
			e.accept(d, a.began.Add(a.took))
		}
	}
	e.pauseWhileDown(accepted, now)
	return len(accepted)
}

// usable returns the elements of an answer that are deliveries. An answer without any is as good as empty.
func (e *engine) usable(all []events.Event) []events.Event {
	handles := make(map[string]bool, len(all))
	usable := make([]events.Event, 0, len(all))
	for _, event := range all {
		switch {
		case event.Handle == "":
			e.drop(event)
		case !handles[event.Handle]: // one delivery, however often it's listed
			handles[event.Handle] = true
			usable = append(usable, event)
		}
	}
	return usable
}

func (e *engine) drop(event events.Event) {
	e.sum.Dropped++
	if !e.pulls.odd {
		e.pulls.odd = true
		e.log.Error().Bytes("element", event.Raw[:min(len(event.Raw), 200)]).
			Msg("an element of EventSet has no EventHandle and can't be confirmed; it's dropped, as others like it will be")
	}
}

// idle reports whether no poll is out, and nothing in flight.
func (e *engine) idle() bool { return e.pulls.out == 0 && e.inFlight() == 0 }

// slow has the limiter admit fewer calls if err says that this one, sent then, was too many.
func (e *engine) slow(action string, b *quota.Bucket, sent time.Time, err error) {
	if !errors.Is(err, ErrThrottled) {
		return
	}
	perSecond, lowered := b.Refused(sent)
	if hook := e.opts.Hooks.Rate; lowered && hook != nil {
		hook(RateInfo{SubAppID: e.opts.SubAppID, Action: action, PerSecond: perSecond})
	}
}

// sayLowered says, once in all, that a refused call has lowered the rate.
func (e *engine) sayLowered(action string, b *quota.Bucket) {
	if rate := b.PerSecond(); rate < e.opts.Limiter.most {
		e.opts.Limiter.said.Do(func() {
			e.log.Info().Str("action", action).Float64("rate", math.Round(10*rate)/10).
				Msg("the account's quota of calls is used up: others call the API too, or the rate is set above the quota; calling less often")
		})
	}
}

func (e *engine) onPullError(err error, sent, now time.Time) {
	if e.stopping {
		return // cut short by the end of the grace, or it no longer matters
	}
	e.pulls.failing = err
	if errors.Is(err, ErrFatal) && !e.pulls.succeeded {
		e.err = fmt.Errorf("pull events: %w", err)
		e.stop("the API refuses what is configured")
		return
	}
	e.pulls.trouble.Report(now, err)
	switch {
	case errors.Is(err, ErrThrottled): // the limiter sees to it
		e.sayLowered("PullEvents", e.pullLane.Bucket)
	case errors.Is(err, ErrFatal):
		e.pulls.want = 1
		e.pulls.slowDown(sent, now, func() time.Duration { return fatalPause })
	default:
		e.pulls.want = 1
		e.pulls.slowDown(sent, now, e.pulls.errorPause.NextBackOff)
	}
	e.drain.onTrouble(e.pulls.trouble.Since, err, now)
}
