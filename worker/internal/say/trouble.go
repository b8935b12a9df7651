package say

import (
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// quietFor is how long after a line the next one of the same kind is left out: of a failure that comes and goes, and of one
// whose text changes each time.
const quietFor = 30 * time.Second

// A Trouble keeps a failure that goes on, or comes and goes, from filling the log: it is logged when it begins, when
// it changes, and when it is over. It is for one goroutine.
type Trouble struct {
	Log   zerolog.Logger
	What  string    // "pull events"
	Kinds []error   // what a failure may wrap; one that wraps another of them has changed
	Since time.Time // when the failures began, of which there was no success since

	count int // failures in a row

	logged bool // in this row
	text   string
	kind   error
	at     time.Time
}

// Report takes one failure.
func (t *Trouble) Report(now time.Time, err error) {
	if t.count++; t.count == 1 {
		t.Since, t.logged = now, false
	}
	text, kind := err.Error(), t.kindOf(err)
	if t.logged && text == t.text || now.Sub(t.at) < quietFor && errors.Is(kind, t.kind) {
		return
	}
	t.logged, t.text, t.kind, t.at = true, text, kind, now
	t.Log.Warn().Err(err).Int("failures", t.count).Msg(t.What + " failed, trying again")
}

// Over takes a success.
func (t *Trouble) Over(now time.Time) {
	if t.count > 0 && t.logged {
		t.Log.Info().Int("failures", t.count).Stringer("after", now.Sub(t.Since).Round(time.Millisecond)).Msg(t.What + " recovered")
	}
	t.count = 0
}

// kindOf returns which of the kinds err is; nil if it is none.
func (t *Trouble) kindOf(err error) error {
	for _, kind := range t.Kinds {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}
