package worker

import (
	"context"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
)

type silent struct{ Source }

// A Key costs more than all else that the engine does with an event.
func TestNoKeyIsComputedWhileAllGoesWell(t *testing.T) {
	handle := func(context.Context, events.Event) error { return nil }
	w, err := New(silent{}, []Handler{{Name: "h", Handle: handle}}, &Options{DeadLetters: &DeadLetters{
		Attempts: 5, Write: func(context.Context, DeadLetter) error { return nil },
	}})
	if err != nil {
		t.Fatal(err)
	}
	e, now := newEngine(t.Context(), w, nil), time.Now()
	e.slots.reserve()
	e.receive(answer{batch: Batch{Events: []events.Event{{Handle: "1", Raw: []byte(`{"EventHandle":"1"}`)}}, Leased: now}}, now)
	d := e.nextToStart(now)
	e.slots.occupy()
	d.running, d.outcomes = true, []Outcome{{Handler: "h", Kind: OK, Tries: 1}}
	e.onHandled(d)
	e.onConfirmed(confirmation{called: true, done: []*delivery{d}})
	if e.sum.Confirmed != 1 || d.idOnce != "" {
		t.Errorf("confirmed %d, key %q", e.sum.Confirmed, d.idOnce)
	}
}
