package worker

import (
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// quietFor is how long after a line the next one of the same kind is left out: of a failure that comes and goes, and of one
// whose text changes each time.
const quietFor = 30 * time.Second

// A trouble keeps a failure that goes on, or comes and goes, from filling the log: it is logged when it begins, when
// it changes, and when it is over.
type trouble struct {
	log   zerolog.Logger
	what  string // "pull events"
	count int    // failures in a row
	since time.Time

	logged bool // in this row
	text   string
	kind   error
	at     time.Time
}

// report takes one failure.
func (t *trouble) report(now time.Time, err error) {
	if t.count++; t.count == 1 {
		t.since, t.logged = now, false
	}
	text, kind := err.Error(), kindOf(err)
	if t.logged && text == t.text || now.Sub(t.at) < quietFor && errors.Is(kind, t.kind) {
		return
	}
	t.logged, t.text, t.kind, t.at = true, text, kind, now
	t.log.Warn().Err(err).Int("failures", t.count).Msg(t.what + " failed, trying again")
}

// over takes a success.
func (t *trouble) over(now time.Time) {
	if t.count > 0 && t.logged {
		t.log.Info().Int("failures", t.count).Stringer("after", now.Sub(t.since).Round(time.Millisecond)).Msg(t.what + " recovered")
	}
	t.count = 0
}

// kindOf returns which of a Source's kinds of error err is; nil is a transient one.
func kindOf(err error) error {
	for _, kind := range []error{ErrThrottled, ErrFatal, ErrRefused} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}
