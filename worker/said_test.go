package worker_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// lines returns what the log holds from a level on.
func (r *rig) lines(levels ...string) (lines []map[string]any) {
	r.t.Helper()
	for scan := bufio.NewScanner(strings.NewReader(r.log.String())); scan.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
			r.t.Fatal(err)
		}
		for _, level := range levels {
			if line["level"] == level {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

var (
	aboveDebug = []string{"info", "warn", "error"}
	aboveInfo  = []string{"warn", "error"}
)

func TestADrainThatIsWellSaysNothing(t *testing.T) {
	tests := map[string]struct {
		events int
		how    worker.DrainOptions
	}{
		"of an empty queue": {},
		"of events":         {events: 40},
		"that settles":      {events: 3, how: worker.DrainOptions{Settle: true}},
		"that is limited":   {events: 40, how: worker.DrainOptions{MaxEvents: 16}},
	}
	for name, test := range tests {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.level = zerolog.DebugLevel
			r.upload(test.events)
			r.drain(handler(succeed), worker.Options{}, test.how)
			if lines := r.lines(aboveDebug...); len(lines) > 0 {
				t.Errorf("%s: %v", name, lines)
			}
			if lines := r.lines("debug"); lines[len(lines)-1]["message"] != "stopped" {
				t.Errorf("%s: the last line is %v", name, lines[len(lines)-1])
			}
		})
	}
}

func TestADrainSaysAtInfoWhatHasPassedAtItsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(20)
		r.Script(
			vodtest.Fault{Action: "PullEvents", First: 1, Last: 3, Code: "InternalError"},
			vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 2, Code: "InternalError"},
		)
		handlers := handler(succeed)
		handlers[0].Types = []string{"FileDeleted"}
		dead := &worker.DeadLetters{Attempts: 5, Write: (&cemetery{}).write}
		sum := r.drain(handlers, worker.Options{DeadLetters: dead}, worker.DrainOptions{})
		wantSummary(t, sum, worker.Summary{Pulled: 20, Unmatched: 20, Confirmed: 20})
		if lines := r.lines(aboveInfo...); len(lines) > 0 {
			t.Errorf("above info: %v", lines)
		}
		for _, said := range []string{"pull events failed", "confirm events failed", "no handler wants", "nothing keeps count"} {
			if !strings.Contains(r.log.String(), said) {
				t.Errorf("nothing says %q", said)
			}
		}
	})
}

// Six events are more than a handler may fail in a row: it goes down, and a second pass finds it well again.
func TestADrainThatMakesFailuresGoodWarnsOfNothing(t *testing.T) {
	for _, n := range []int{1, 6} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(n)
			var runs counter
			sum := r.drain(handler(func(_ context.Context, e events.Event) error {
				if runs.add(e) == 1 {
					return errTest
				}
				return nil
			}), worker.Options{}, worker.DrainOptions{Settle: true})
			if !sum.Clean() || sum.Confirmed != n {
				t.Errorf("%d events: %+v", n, sum)
			}
			if lines := r.lines(aboveInfo...); len(lines) > 0 {
				t.Errorf("%d events: above info: %v", n, lines)
			}
			for said, from := range map[string]int{"handler failed": 1, "handler is down": 5} {
				if got := strings.Contains(r.log.String(), said); got != (n >= from) {
					t.Errorf("%d events: %q is said: %v", n, said, got)
				}
			}
		})
	}
}

func TestADrainWarnsAtItsEndOfWhatStaysQueued(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(3)
		var runs counter
		first := handler(func(_ context.Context, e events.Event) error { return fmt.Errorf("run %d: %w", runs.add(e), errTest) })[0]
		second := worker.Handler{Name: "well", Handle: succeed}
		r.drain([]worker.Handler{second, first}, worker.Options{}, worker.DrainOptions{Settle: true})
		want := `[map[error:run 2: it broke events:3 handler:test level:warn message:events failed and stay queued]]`
		if lines := r.lines(aboveInfo...); fmt.Sprint(lines) != want {
			t.Errorf("%v, want %s", lines, want)
		}
	})
}

func TestADrainWarnsAtItsEndOfWhatIsUnconfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Action: "ConfirmEvents", Code: "InvalidParameterValue"})
		r.upload(2)
		r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{})
		lines := r.lines(aboveInfo...)
		if len(lines) != 1 || lines[0]["events"] != 2.0 || !strings.Contains(fmt.Sprint(lines[0]["error"]), "InvalidParameterValue") ||
			!strings.HasPrefix(fmt.Sprint(lines[0]["message"]), "handled events could not be confirmed") {
			t.Errorf("%v", lines)
		}
	})
}

func TestASignalToADrainAndTheEndOfARunAreSaid(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{MaxDuration: time.Second})
		lines := r.lines(aboveDebug...)
		if len(lines) != 1 || lines[0]["message"] != "stopping" || lines[0]["level"] != "info" {
			t.Errorf("a drain: %v", lines)
		}
		r.log.Reset()
		r.upload(3)
		handlers := handler(succeed)
		handlers[0].Types = []string{"FileDeleted"}
		r.run(handlers, worker.Options{})
		r.sleepUntil(time.Minute)
		wantEqual(t, "unmatched in the status", r.worker.Status().Unmatched, 3)
		r.stop()
		lines = r.lines(aboveDebug...)
		last := lines[len(lines)-1]
		if last["message"] != "stopped" || last["level"] != "info" {
			t.Errorf("a run: %v", last)
		}
		wantEqual(t, "unmatched, handled, confirmed", fmt.Sprint(last["unmatched"], last["handled"], last["confirmed"]), "3 0 3")
	})
}

func TestALineAboutAnEventHasTheIDThatReceiversKnow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var id string
		r.drain(handler(func(_ context.Context, e events.Event) error {
			id = e.ID()
			return errTest
		}), worker.Options{}, worker.DrainOptions{})
		lines := r.lines("info")
		if len(lines) != 1 || lines[0]["message"] != "handler failed" || lines[0]["id"] != id {
			t.Errorf("%v, want the id %s", lines, id)
		}
	})
}

func TestAWindowThatIsTooShortSaysWhatItNeeds(t *testing.T) {
	for want, options := range map[string]worker.Options{
		"window 1s less margin 167ms leaves 833ms for handling, which needs 2s at least: make": {Window: time.Second},

		"window 2.4s less margin 500ms leaves 1.9s for handling, which needs 2s at least: make the margin smaller": {
			Window: 2400 * time.Millisecond, Margin: 500 * time.Millisecond,
		},
		"": {Window: 2400 * time.Millisecond},
	} {
		_, err := worker.New(&scripted{}, handler(succeed), &options)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// refusing is a Source whose every handle is refused.
type refusing struct{ scripted }

func (*refusing) Confirm(context.Context, []string) error { return refusal{} }

type refusal struct{}

func (refusal) Error() string   { return "no such handle" }
func (refusal) Request() string { return "8e1f" }
func (refusal) Unwrap() error   { return worker.ErrRefused }

func TestALineAboutAFailedCallHasItsRequestID(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var all []string
		for i := range worker.MaxBatch {
			all = append(all, fmt.Sprintf(`{"EventHandle":"%d","EventType":"NewFileUpload"}`, i))
		}
		source := &refusing{scripted{answers: []string{"[" + strings.Join(all, ",") + "]"}}}
		r := newRig(t, vodtest.Config{})
		w, err := worker.New(source, handler(succeed), &worker.Options{Log: zerolog.New(r.log)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
		said := r.lines("warn")
		if len(said) == 0 || said[0]["message"] != "confirm events failed, trying again" || said[0]["request_id"] != "8e1f" {
			t.Errorf("%v", said)
		}
	})
}
