package callback

import (
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/pause"
)

// letterTime and letterTries are for writing a letter, which may be an event's last chance.
const (
	letterTime  = 10 * time.Second
	letterTries = 3
)

var (
	errLetterTime = errors.New("the time to write a letter is over")
	errNotWritten = errors.New("the write ended its goroutine")
)

// letter is what is to be known of a run when it is given up.
func (run *run) letter(reason worker.Reason) worker.DeadLetter {
	letter := worker.DeadLetter{
		Event: run.event, Reason: reason, Missing: run.missing(), Attempts: run.passes, First: run.arrived, Last: time.Now(),
	}
	if run.failed.Err != nil {
		letter.LastError = run.failed.Err.Error()
	}
	return letter
}

// bury writes a letter.
func (s *state) bury(run *run, reason worker.Reason) {
	run.burying = true
	s.working++
	go s.receiver.write(run, run.letter(reason))
}

// write writes a letter, and says what came of it.
func (r *Receiver) write(run *run, letter worker.DeadLetter) {
	err := errNotWritten // unless it returns
	defer func() {
		if hook := r.opts.Hooks.DeadLettered; err == nil && hook != nil {
			hook(letter)
		}
		s := r.lock()
		defer s.unlock()
		s.onWritten(run, letter, err)
	}()
	ctx, cancel := context.WithTimeoutCause(r.alive, letterTime, errLetterTime)
	defer cancel()
	pauses := pause.Jitter(200*time.Millisecond, 2*time.Second)
	err = r.opts.DeadLetters.Write(ctx, letter)
	for try := 1; err != nil && try < letterTries && pause.For(ctx, pauses.NextBackOff()); try++ {
		err = r.opts.DeadLetters.Write(ctx, letter)
	}
}

// onWritten takes what came of writing a letter.
func (s *state) onWritten(run *run, letter worker.DeadLetter, err error) {
	s.working--
	s.wakeShutdown()
	run.burying = false
	r := s.receiver
	switch {
	case run.over: // its handlers have succeeded after all
	case err == nil:
		s.tell(func() { r.opts.Log.Error().EmbedObject(letter).Msg("event given up, and written to the dead letters") })
		s.finish(run, &s.status.DeadLettered)
	case run.last:
		s.tell(func() { r.opts.Log.Error().Err(err).Msg("write dead letter failed") })
		s.lose(run, letter.Reason)
	default:
		s.tell(func() { r.logs.letters.Error().Err(err).Msg("write dead letter failed, trying again when VOD does") })
		s.advance(run, false, err)
	}
}
