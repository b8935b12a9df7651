package vodtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func TestAnEmptyQueueIsHeldForFiveSeconds(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		set, err := e.Pull(t.Context(), appID)
		wantCode(t, err, "ResourceNotFound")
		if set != nil {
			t.Errorf("EventSet is %s, want nil", set)
		}
		wantElapsed(t, start, 5*time.Second)
	})
}

func TestAnEmptyQueueAnswersAsConfigured(t *testing.T) {
	for _, test := range []struct {
		name  string
		empty Empty
		code  string
		wire  string
	}{
		{"not found", EmptyNotFound, "ResourceNotFound", `{"Response":{"Error":{"Code":"ResourceNotFound","Message":"no event"},`},
		{"null", EmptyNull, "", `{"Response":{"EventSet":null,"RequestId":`},
		{"list", EmptyList, "", `{"Response":{"EventSet":[],"RequestId":`},
		{"absent", EmptyAbsent, "", `{"Response":{"RequestId":`},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, Config{Empty: test.empty, Hold: -1}, func(t *testing.T, e *Emulator) {
				set, err := e.Pull(t.Context(), appID)
				wantCode(t, err, test.code)
				if set != nil {
					t.Errorf("EventSet is %s, want nil", set)
				}
				_, body, err := roundTrip(t, pipe.Serve(t, e), request(pullEvents, `{}`))
				if err != nil || !strings.HasPrefix(body, test.wire) {
					t.Errorf("answer is %s, %v, want %s…", body, err, test.wire)
				}
			})
		})
	}
}

func TestANegativeHoldDoesNotWait(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("Pull brought %v", events)
		}
		wantElapsed(t, start, 0)
	})
}

func TestAHeldPullIsAnsweredAtOnceWhenAnEventArrives(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		at(2*time.Second, func() { send(t, e, `{"N":1}`, `{"N":2}`) })
		if events := pull(t, e, appID); len(events) != 1 || events[0].N != 1 {
			t.Errorf("Pull brought %v, want the first event alone", events)
		}
		wantElapsed(t, start, 2*time.Second)
	})
}

func TestOfSeveralHeldPullsTheOldestIsServedFirst(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		served := make(chan string, 3)
		poll := func(name string) {
			if len(pull(t, e, appID)) == 1 {
				served <- name
			} else {
				served <- "nobody"
			}
		}
		go poll("first")
		synctest.Wait()
		go poll("second")
		synctest.Wait()
		go poll("third")
		synctest.Wait()
		start := time.Now()
		for _, want := range []string{"first", "second"} {
			send(t, e, `{}`)
			if got := <-served; got != want {
				t.Errorf("%s was served, want %s", got, want)
			}
			wantElapsed(t, start, 0)
		}
		if got := <-served; got != "nobody" {
			t.Errorf("%s was served, want nobody", got)
		}
		wantElapsed(t, start, 5*time.Second)
	})
}

func TestAtMostSixteenEventsAreHandedOutOldestFirst(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		for n := range 20 {
			send(t, e, fmt.Sprintf(`{"N":%d}`, n))
		}
		var sizes, order []int
		for range 3 {
			events := pull(t, e, appID)
			sizes = append(sizes, len(events))
			for _, event := range events {
				order = append(order, event.N)
			}
		}
		if !slices.Equal(sizes, []int{16, 4, 0}) {
			t.Errorf("pulls brought %v events, want 16, 4, 0", sizes)
		}
		if len(order) != 20 || !slices.IsSorted(order) {
			t.Errorf("events came in the order %v", order)
		}
	})
}

func TestAnEventHandedOverWhileAHoldEndsIsNotLost(t *testing.T) {
	for range 20 { // the hold and the event are both ready, and the pull looks at either first
		bubble(t, Config{}, func(t *testing.T, e *Emulator) {
			got := make(chan string)
			go func() { got <- pullOne(t, e) }()
			time.Sleep(5*time.Second - 1)
			e.mu.Lock()
			time.Sleep(time.Nanosecond)
			a := e.app(appID)
			a.queue.send([]byte(`{}`), time.Now())
			e.serve(a)
			e.mu.Unlock()
			<-got
		})
	}
}

func TestHalfOfTheRoundTripIsBeforeTheEffect(t *testing.T) {
	bubble(t, Config{Hold: -1, RoundTrip: 101}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		at(49, func() { send(t, e, `{}`) })
		handle := pullOne(t, e)
		wantElapsed(t, start, 101)
		lease := e.Queued(appID)[0].LeaseEnd
		if want := start.Add(50 + 30*time.Second); !lease.Equal(want) {
			t.Errorf("the lease ends at %v, want %v", lease, want)
		}
		time.Sleep(time.Until(lease) - 50)
		wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "InvalidParameterValue")
		wantElapsed(t, lease, 51)

		time.Sleep(time.Second)
		again := pullOne(t, e)
		time.Sleep(time.Until(e.Queued(appID)[0].LeaseEnd) - 51)
		wantCode(t, e.Confirm(t.Context(), appID, []string{again}), "")
	})
}

func TestAnEventSentOnTheWayBackIsNotInTheAnswer(t *testing.T) {
	bubble(t, Config{Hold: -1, RoundTrip: 100}, func(t *testing.T, e *Emulator) {
		at(51, func() { send(t, e, `{}`) })
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("Pull brought %v", events)
		}
	})
}

func TestApplicationsDoNotMix(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		if events := pull(t, e, 0); len(events) != 0 {
			t.Errorf("the default application was handed %v", events)
		}
		handle := pullOne(t, e)
		wantCode(t, e.Confirm(t.Context(), 2, []string{handle}), "InvalidParameterValue")
		wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "")
		if got := e.Stats(2); got.Sent != 0 || got.Calls[confirmEvents] != 1 {
			t.Errorf("Stats of the other application are %+v", got)
		}
	})
}
