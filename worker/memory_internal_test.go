package worker

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
)

func TestTwoDeliveriesOfAnEventAreRememberedTogether(t *testing.T) {
	m := newMemory(30 * time.Second)
	end := time.Unix(1000, 0)
	m.remember("key", []string{"a"}, end, end)
	m.remember("key", []string{"b", "a"}, end.Add(time.Second), end)
	if got := m.recall("key", end); got != nil {
		t.Errorf("recalled %v for a delivery that was pulled within the later lease", got)
	}
	if got := fmt.Sprint(m.recall("key", end.Add(time.Second))); got != "[a b]" {
		t.Errorf("recalled %v", got)
	}
	if !m.empty() {
		t.Error("it is not forgotten when it was used")
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	m := newMemory(30 * time.Second)
	for i := range memoryEvents + 5 {
		m.remember(fmt.Sprint(i), []string{"a"}, time.Unix(int64(i), 0), time.Unix(0, 0))
	}
	if len(m.events) != memoryEvents || m.order.Len() != memoryEvents {
		t.Errorf("%d events, %d in order", len(m.events), m.order.Len())
	}
	if m.events["4"] != nil || m.events["5"] == nil {
		t.Error("it is not the oldest that are forgotten")
	}
	m.expire(time.Unix(memoryEvents+4, 0).Add(memoryTime))
	if !m.empty() {
		t.Errorf("%d are left ten minutes after the last lease", len(m.events))
	}
}

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
