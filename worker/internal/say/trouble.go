package say

import (
	"errors"
	"time"

	"github.com/rs/zerolog"
)

const (
	// quietFor is how long after a line a failure of the same kind has none, if it comes and goes or changes its text.
	quietFor = 30 * time.Second

	// routineFor is how long a routine failure goes on in a row before it is logged at all.
	routineFor = 5 * time.Second

	// reminder is how often a failure that goes on is logged again.
	reminder = time.Minute
)

// A Trouble keeps a failure from filling the log, and from being forgotten: it is logged when it begins, when it changes, in
// each minute that it goes on, and when it is over. It is for one goroutine.
type Trouble struct {
	Log     zerolog.Logger
	What    string    // "pull events"
	Kinds   []error   // what a failure may wrap; one that wraps another of them has changed
	Routine error     // what a failure wraps that comes and goes where all is well; nil if none does
	Passing bool      // the failure is no news by itself: it is logged at info, not at warn
	Since   time.Time // when the failures began, of which there was no success since

	count  int // failures in a row
	unsaid int // failures since the last line
	passed int // routine ones of this row, of which no line speaks if there is none in it

	logged bool // in this row
	text   string
	kind   error
	at     time.Time
}

// Report takes one failure.
func (t *Trouble) Report(now time.Time, err error) {
	t.unsaid++
	if t.count++; t.count == 1 {
		t.Since, t.logged = now, false
	}
	if t.Routine != nil && errors.Is(err, t.Routine) && now.Sub(t.Since) < routineFor {
		t.passed++
		return
	}
	text, kind := err.Error(), t.kindOf(err)
	if !t.isNews(now, text, kind) {
		return
	}
	t.logged, t.text, t.kind, t.at = true, text, kind, now
	line := t.Log.Warn()
	if t.Passing {
		line = t.Log.Info()
	}
	t.counts(Failure(line, err)).Stringer("for", now.Sub(t.Since).Round(time.Millisecond)).Msg(t.What + " failed, trying again")
}

// isNews reports whether a failure is to be logged. One of another kind is at once, one of another text not so soon.
func (t *Trouble) isNews(now time.Time, text string, kind error) bool {
	switch {
	case t.due(now):
		return true
	case t.logged && text == t.text:
		return false
	}
	return now.Sub(t.at) >= quietFor || !errors.Is(kind, t.kind)
}

// due reports whether a new minute of this row has begun since the last line.
func (t *Trouble) due(now time.Time) bool {
	return t.logged && now.Sub(t.Since)/reminder > t.at.Sub(t.Since)/reminder
}

// Over takes a success.
func (t *Trouble) Over(now time.Time) {
	if t.count > 0 && t.logged {
		t.counts(t.Log.Info()).Stringer("after", now.Sub(t.Since).Round(time.Millisecond)).Msg(t.What + " recovered")
	}
	if !t.logged {
		t.unsaid -= t.passed
	}
	t.count, t.passed = 0, 0
}

// counts says how many failures a line stands for.
func (t *Trouble) counts(line *zerolog.Event) *zerolog.Event {
	line = line.Int("failures", t.count).Int("since_last_line", t.unsaid)
	t.unsaid = 0
	return line
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
