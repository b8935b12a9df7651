package vodtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestResetLeavesNothingOfWhatWas(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		start := stateOf(t, e)
		file := e.Upload(appID, "lighthouse.mp4")
		e.Process(appID, file, "")
		e.Process(appID, file, "")
		events := pull(t, e, appID)
		wantCode(t, e.Confirm(t.Context(), appID, []string{events[0].EventHandle}), "")
		e.Script(Fault{Action: pullEvents, First: 2, Code: "FailedOperation"})
		post(t, e, "settings", `{"SubAppId":1500000001,"Mode":"PUSH","UploadMediaCompleteEventSwitch":"OFF"}`)
		send(t, e, `{"EventType":"Lost"}`)

		e.Upload(7, "theirs.mp4")

		post(t, e, "reset", `{}`)
		if got := stateOf(t, e); !reflect.DeepEqual(got, start) {
			t.Errorf("the state is %+v, want that of the start %+v", got, start)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{events[1].EventHandle}), "InvalidParameterValue")
		if again := e.Upload(appID, "lighthouse.mp4"); again == file {
			t.Errorf("the FileId %s comes twice", file)
		}
		if again := pull(t, e, appID); len(again) != 1 || again[0].EventType != "NewFileUpload" {
			t.Errorf("after the reset there are %+v", again)
		}
		time.Sleep(time.Minute) // the windows from before would be over
		if got := e.Stats(appID); got.Expired != 1 || got.Waiting != 1 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestResetEndsNoPoll(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"EventType":"Before"}`)
		pullOne(t, e)
		got := make(chan []pulled, 1)
		go func() { got <- pull(t, e, appID) }()
		time.Sleep(time.Second)
		e.Reset()
		synctest.Wait()
		select {
		case events := <-got:
			t.Fatalf("the poll is answered %+v", events)
		default:
		}
		send(t, e, `{"EventType":"After"}`)
		if events := <-got; len(events) != 1 || events[0].EventType != "After" {
			t.Errorf("the poll is answered %+v", events)
		}
	})
}

func TestResetBreaksCallbacksOff(t *testing.T) {
	for after, tries := range map[time.Duration]int{5 * time.Second: 1, 7 * time.Second: 2} { // in the gap, and in a try
		pushing(t, Push{Senders: 1}, "", func(t *testing.T, e *Emulator, h *hook) {
			var ended time.Duration // of the last try
			h.answer = func(r *http.Request, n int) (int, error) {
				status, err := never(r, n)
				ended = time.Since(h.start)
				return status, err
			}
			send(t, e, `{}`, `{}`)
			time.Sleep(after)
			synctest.Wait()
			e.Reset()
			rest()
			if len(h.bodies) != tries || ended != after {
				t.Errorf("%d tries were made until %v, want %d until %v", len(h.bodies), ended, tries, after)
			}
			wantCallbacks(t, e, CallbackStats{})
			if err := e.PushTo(appID, hookURL, ""); err != nil {
				t.Fatal(err)
			}
			h.answer = func(*http.Request, int) (int, error) { return http.StatusOK, nil }
			send(t, e, `{}`)
			rest()
			wantCallbacks(t, e, CallbackStats{Tries: 1, Answered: 1})
		})
	}
}

// Run with the race detector it also shows that nothing is shared without the lock.
func TestResetMayComeAtAnyTime(t *testing.T) {
	e := New(Config{Hold: time.Millisecond, Window: time.Millisecond})
	defer e.Close()
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	var busy sync.WaitGroup
	for _, do := range []func(){
		e.Reset,
		func() { e.Upload(appID, "x.mp4") },
		func() { _ = e.PushTo(appID, "http://127.0.0.1:1/", ""); e.Reset() },
		func() { _ = e.confirmNow(numbered{appID, 1}); _ = e.expireNow(numbered{appID, 2}) },
		func() {
			set, _ := e.Pull(ctx, appID) // an empty queue is an error
			for _, event := range decode(t, set) {
				_ = e.Confirm(ctx, appID, []string{event.EventHandle}) // it may be over
			}
		},
		func() { _, _ = json.Marshal(e.state(appID, filter{})) },
	} {
		busy.Go(func() {
			for ctx.Err() == nil {
				do()
			}
		})
	}
	busy.Wait()
	e.Reset()
	if got := e.Stats(appID); got.Sent != 0 || got.InFlight != 0 || got.Waiting != 0 {
		t.Errorf("after the last reset counts are %+v", got)
	}
}

func TestAWindowIsEndedByHand(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"EventType":"A"}`)
		first := pullOne(t, e)
		again := make(chan string, 1)
		go func() { again <- pullOne(t, e) }()
		synctest.Wait()
		start := time.Now()
		post(t, e, "expire", `{"SubAppId":1500000001,"Number":1}`)
		second := <-again
		wantElapsed(t, start, 0) // the poll had waited for it
		wantCode(t, e.Confirm(t.Context(), appID, []string{first}), "InvalidParameterValue")
		wantCode(t, e.Confirm(t.Context(), appID, []string{second}), "")
		if got := e.Stats(appID); got.Expired != 1 || got.Redelivered != 1 || got.InFlight != 0 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestWhatWaitsHasNoWindowToEnd(t *testing.T) {
	e := New(Config{})
	send(t, e, `{}`)
	var answer struct{ Error string }
	body := fmt.Sprintf(`{"SubAppId":%d,"Number":1}`, appID)
	if status := controlled(t, e, "POST", "expire", body, &answer); status != 400 ||
		answer.Error != "event 1: it waits, and has no window to end" {
		t.Errorf("it is answered %d %q", status, answer.Error)
	}
}

func TestAnEventIsConfirmedByHandWhereverItIs(t *testing.T) {
	for _, reconfirm := range []bool{false, true} {
		bubble(t, Config{Hold: -1, Reconfirm: reconfirm}, func(t *testing.T, e *Emulator) {
			send(t, e, `{"EventType":"A"}`)
			pullOne(t, e)
			send(t, e, `{"EventType":"B"}`)
			post(t, e, "confirm", `{"SubAppId":1500000001,"Number":1}`)
			post(t, e, "confirm", `{"SubAppId":1500000001,"Number":2}`)
			time.Sleep(time.Minute)
			if got := e.Stats(appID); got.Confirmed != 2 || got.Waiting != 0 || got.InFlight != 0 || got.Expired != 0 {
				t.Errorf("counts are %+v", got)
			}
			if past := stateOf(t, e).Past; len(past) != 2 || past[0].How != howConfirmed {
				t.Errorf("past are %+v", past)
			}
		})
	}
}

func TestASampleIsThereToBeEdited(t *testing.T) {
	var sample struct{ EventType string }
	if status := controlled(t, New(Config{}), "GET", "sample?Type=PullComplete", "", &sample); status != 200 ||
		sample.EventType != "PullComplete" {
		t.Errorf("it is answered %d %+v", status, sample)
	}
}
