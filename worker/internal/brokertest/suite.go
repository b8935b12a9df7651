package brokertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

// Run runs the suite, each part of it on a broker of its own.
func Run(t *testing.T, open func(*testing.T) Harness) {
	t.Helper()
	for _, p := range parts() {
		t.Run(p.name, func(t *testing.T) {
			err := p.try(t.Context(), &run{Harness: open(t), many: many, log: t.Logf})
			if errors.Is(err, errCannot) {
				t.Skip(err)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// many is how many events an upheaval is tried on.
const many = 10_000

// A part is what is promised in one kind of trouble.
type part struct {
	name string

	// check returns how the promise is broken, or nil, or an error that wraps errCannot.
	check func(ctx context.Context, r *run) error
}

func parts() []part {
	return []part{
		{"a server that stops and starts, and is killed and starts, loses nothing", restarts},
		{"a server that stands still for a while loses nothing", freezes},
		{"a server that gives no answer is to blame, and no event", givesNoAnswer},
		{"what is deleted and made again works again", isMadeAgain},
		{"an event that is too large harms no other", tooLarge},
		{"a context that ends harms no other", endsInFlight},
		{"a name that can't be is the event's fault, and harms no other", unnameable},
		{"Close ends goroutines and connections, and waits for no server that stands still", closes},
	}
}

var errCannot = errors.New("not for this broker")

// A run is one part's try.
type run struct {
	Harness
	many int
	log  func(format string, args ...any)
	next int // of what number the next event is
}

// limit is how long a part may take: several times as long as the slowest server does.
const limit = 10 * time.Minute

func (p part) try(ctx context.Context, r *run) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it stands still: %v are over", limit))
	defer cancel()
	return p.check(ctx, r)
}

// opened calls do with a new sink, which is closed after it.
func (r *run) opened(open func() sink.Sink, do func(to sink.Sink) error) (err error) {
	to := open()
	defer func() {
		if closing := to.Close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("close: %w", closing))
		}
	}()
	return do(to)
}

// events returns n events that nobody has seen yet.
func (r *run) events(n int) []events.Event {
	all := make([]events.Event, n)
	for i := range all {
		all[i] = r.event(200)
	}
	return all
}

// event returns one of that size at least, which nothing makes smaller.
func (r *run) event(size int) events.Event {
	r.next++
	return event("NewFileUpload", fmt.Sprint(5285890784000000000+r.next), random(size))
}

func event(kind, file, text string) events.Event {
	return events.Split(fmt.Appendf(nil, `[{"EventHandle":"h-%s","EventType":%q,"FileUploadEvent":{"FileId":%q},"SourceContext":%q}]`,
		file, kind, file, text))[0]
}

func random(size int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	text := make([]byte, size)
	for i := range text {
		text[i] = letters[rand.IntN(len(letters))]
	}
	return string(text)
}

// lie returns an error unless all of the accepted events lie there, whole, no other than those that were handed over does, and no more
// of them do twice than may.
func (r *run) lie(accepted map[string]bool, handed map[string][]byte, mayRepeat int) error {
	there := map[string]int{}
	for _, m := range r.Read() {
		if body, is := handed[m.ID]; !is {
			return fmt.Errorf("%q lies there, which nobody has handed over", m.ID)
		} else if !bytes.Equal(body, m.Body) {
			return fmt.Errorf("%s lies there with %.200q, want %.200q", m.ID, m.Body, body)
		}
		there[m.ID]++
	}
	lost, repeated := 0, 0
	for id := range accepted {
		if there[id] == 0 {
			lost++
		}
	}
	for _, n := range there {
		repeated += n - 1
	}
	r.log("%d events lie there, %d accepted; %d of them again, for %d tries that ended without nil", len(there), len(accepted), repeated, mayRepeat)
	if lost > 0 {
		return fmt.Errorf("%d of %d events were accepted, and are not there", lost, len(accepted))
	}
	if r.Once {
		mayRepeat = 0
	}
	if repeated > mayRepeat {
		return fmt.Errorf("%d events lie there again, but no more than %d may", repeated, mayRepeat)
	}
	return nil
}
