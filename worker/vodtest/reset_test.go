package vodtest

import (
	"context"
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
		configure(t, e, `{"Mode":"PUSH","UploadMediaCompleteEventSwitch":"OFF"}`)
		send(t, e, `{"EventType":"Lost"}`)

		e.Upload(7, "theirs.mp4")

		e.Reset()
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

func TestResetKeepsWhatWasSetUpForAllTests(t *testing.T) {
	e := New(Config{Hold: -1})
	if err := e.SetProcedure("daily", "Transcode:100010"); err != nil {
		t.Fatal(err)
	}
	url, asked := stub(t)
	if err := e.ForwardTo(url); err != nil {
		t.Fatal(err)
	}
	key := e.Issue(0)
	e.SetQuota(Quota{Rates: map[string]int{pullEvents: 1}})

	e.Reset()
	answered[any](t, e, request("ProcessMediaByProcedure", `{"FileId":"`+e.Upload(0, "x.mp4")+`","ProcedureName":"daily"}`))
	r := request("DescribeTranscodeTemplates", `{}`)
	signAs(r, key.SecretID, key.SecretKey, []byte(`{}`), "content-type", "host")
	if _, _, answer := ask(e, r); answeredCode(t, answer) != "" || len(asked) != 1 {
		t.Errorf("the stub is asked %d times, and the answer is %s", len(asked), answer)
	}
	pull(t, e, 0)
	_, err := e.Pull(t.Context(), 0)
	wantCode(t, err, "RequestLimitExceeded")
}

func TestCallsAreListedAfterAResetToo(t *testing.T) {
	e := New(Config{Hold: -1})
	e.Reset()
	for range keptCalls + 1 {
		_ = e.Confirm(t.Context(), appID, []string{"x"})
	}
	if got := stateOf(t, e).Calls; len(got) != keptCalls {
		t.Errorf("%d calls are listed, want %d", len(got), keptCalls)
	}
}

// Run with the race detector it also shows that nothing is shared without the lock.
func TestResetMayComeAtAnyTime(t *testing.T) {
	e := New(Config{Hold: time.Millisecond, Window: time.Millisecond, TaskTime: time.Millisecond})
	defer e.Close()
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	var busy sync.WaitGroup
	for _, do := range []func(){
		e.Reset,
		func() { ask(e, processing(e.Upload(appID, "x.mp4"), `,"TasksNotifyMode":"Change"`)) },
		func() { _ = e.PushTo(appID, "http://127.0.0.1:1/", ""); e.Reset() },
		func() { _ = e.ConfirmEvent(appID, 1); _ = e.ExpireEvent(appID, 2) },
		func() {
			set, _ := e.Pull(ctx, appID) // an empty queue is an error
			for _, event := range decode(t, set) {
				_ = e.Confirm(ctx, appID, []string{event.EventHandle}) // it may be over
			}
		},
		func() { e.State(appID, Filter{}) },
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

// An emulator that serves many tests would else keep a context of each application that was only looked at, or was reset.
func TestAnApplicationThatIsNotKeptLeavesNoContext(t *testing.T) {
	e := New(Config{})
	if looked := e.look(appID); looked.outbox.ctx.Err() == nil {
		t.Error("an application that was only looked at has a context")
	}
	a := e.app(appID)
	e.Reset()
	if a.outbox.ctx.Err() == nil {
		t.Error("one that was reset has a context")
	}
}
