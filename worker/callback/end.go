package callback

import (
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// finish has all requests for an event answered, those that come later included.
func (s *state) finish(run *run, count *int) {
	*count++
	close(run.answer)
	s.runs.end(run)
	s.rest(run)
}

// rest says what happens to a run that nobody waits for if nobody asks again.
func (s *state) rest(run *run) {
	switch {
	case run.open > 0:
	case run.answer.given() && !run.told && s.runs.remembered < maxRemembered:
		s.after(run, rememberTime, func() { s.runs.forget(run); s.runs.remove(run) })
		s.runs.remember(run)
	case run.over:
		s.runs.remove(run)
	case run.stuck && !run.burying, !run.passing && !run.burying:
		s.after(run, nextTry, func() { s.giveUp(run, worker.ReasonNoRetry) })
	}
}

// after calls then, with the lock held, unless a request comes first.
func (s *state) after(run *run, d time.Duration, then func()) {
	s.runs.forget(run)
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		s := s.receiver.lock() // the timer is set by then
		defer s.unlock()
		if run.timer == timer && !s.stopping {
			then()
		}
	})
	run.timer = timer
}

// giveUp ends an event for which VOD will not ask again.
func (s *state) giveUp(run *run, reason worker.Reason) {
	if run.over || run.burying {
		return
	}
	run.last = true
	if s.receiver.opts.DeadLetters == nil {
		s.lose(run, reason)
		return
	}
	s.bury(run, reason)
}

// lose ends an event that lies nowhere. Who still waits for an answer gets none.
func (s *state) lose(run *run, reason worker.Reason) {
	letter, opts := run.letter(reason), s.receiver.opts
	s.tell(func() {
		say.Raw(opts.Log.Error().EmbedObject(letter), letter.Event).Msg("event lost: this line is all that is left of it")
		if opts.Hooks.Lost != nil {
			opts.Hooks.Lost(letter)
		}
	})
	s.status.Lost++
	s.runs.end(run)
	s.runs.remove(run)
}
