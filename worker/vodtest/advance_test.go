package vodtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func advance(t *testing.T, e *Emulator, d time.Duration) {
	t.Helper()
	if err := e.Advance(t.Context(), d); err != nil {
		t.Errorf("Advance by %v: %v", d, err)
	}
}

func TestAnAdvanceEndsAWindow(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		first := deliver(t, e, 1)
		advance(t, e, 30*time.Second-1)
		if again := pull(t, e, appID); len(again) != 0 {
			t.Errorf("before the end of the window there are %v", again)
		}
		advance(t, e, 1)
		second := pullOne(t, e)
		wantCode(t, e.Confirm(t.Context(), appID, first), "InvalidParameterValue")
		wantCode(t, e.Confirm(t.Context(), appID, []string{second}), "")
		wantElapsed(t, start, 0)
	})
}

func TestAnAdvanceByTheRetentionDropsWhatIsThere(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		deliver(t, e, 1)
		send(t, e, `{}`)
		advance(t, e, 96*time.Hour-1)
		send(t, e, `{}`)
		if got := e.Stats(appID); got.Waiting != 3 || got.Dropped != 0 {
			t.Errorf("counts are %+v", got)
		}
		advance(t, e, 1)
		if got := e.Stats(appID); got.Waiting != 1 || got.Dropped != 2 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestAHeldPollGetsWhatComesBackInAnAdvance(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		deliver(t, e, 1)
		got := make(chan []pulled, 1)
		go func() { got <- pull(t, e, appID) }()
		synctest.Wait()
		advance(t, e, time.Minute)
		if events := <-got; len(events) != 1 {
			t.Errorf("the poll is answered %v", events)
		}
		wantElapsed(t, start, 0)
		// Its window began when the other one ended, and so is over.
		if queued := e.Queued(appID); len(queued) != 1 || queued[0].InFlight || queued[0].Deliveries != 2 {
			t.Errorf("queued is %+v", queued)
		}
	})
}

func TestAHeldPollStaysAsLongAsItsHoldInAnAdvance(t *testing.T) {
	var took time.Duration
	bubble(t, Config{Observe: func(c Call) { took = c.Took }}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		advance(t, e, time.Hour)
		at(time.Second, func() { advance(t, e, time.Hour) })
		pull(t, e, appID)
		wantElapsed(t, start, 5*time.Second)
		if took != 5*time.Second {
			t.Errorf("the poll took %v", took)
		}
	})
}

func TestTasksEndInAnAdvanceEachAtItsTime(t *testing.T) {
	bubble(t, Config{Hold: -1, TaskTime: 10 * time.Second}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		file := e.Upload(appID, "x.mp4")
		for action, parameters := range map[string]string{
			"PullUpload":   `"MediaUrl":"https://example.com/y.mp4","Procedure":"LongVideoPreset"`,
			"ProcessMedia": `"FileId":"` + file + `","MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10}]}`,
		} {
			ask(e, request(action, fmt.Sprintf(`{"SubAppId":%d,%s}`, appID, parameters)))
		}
		advance(t, e, time.Hour)
		var types []string
		for _, event := range pull(t, e, appID) {
			types = append(types, event.EventType)
		}
		slices.Sort(types[1:3])                                                                             // both end at the same time
		want := []string{"NewFileUpload", "ProcedureStateChanged", "PullComplete", "ProcedureStateChanged"} // the last follows the pull
		if !slices.Equal(types, want) {
			t.Fatalf("events are %v, want %v", types, want)
		}
		for i, sent := range []time.Duration{0, 10 * time.Second, 10 * time.Second, 20 * time.Second} {
			if got := e.Queued(appID)[i].Sent.Sub(start); got != sent {
				t.Errorf("event %d was sent after %v, want %v", i, got, sent)
			}
		}
	})
}

func TestAnAdvanceEndsWithItsContext(t *testing.T) {
	e := New(Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Advance(ctx, time.Hour); !errors.Is(err, context.Canceled) || e.Ahead() != 0 {
		t.Errorf("%v ahead: %v", e.Ahead(), err)
	}
}

func TestAnAdvanceEndsATemporaryKeyAndNoSignature(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		key := e.Issue(time.Hour)
		advance(t, e, time.Hour-1)
		if got := describeWith(t, e, key); got != "" {
			t.Errorf("just before its end: answered %q", got)
		}
		advance(t, e, 1)
		if got := describeWith(t, e, key); got != "AuthFailure.TokenFailure" {
			t.Errorf("after its end: answered %q", got)
		}
		if got := describeWith(t, e, e.Issue(time.Hour)); got != "" {
			t.Errorf("another one: answered %q", got)
		}
	})
}

func TestAnAdvanceEndsTheSecondOfAQuota(t *testing.T) {
	for _, kind := range []QuotaKind{QuotaWindow, QuotaSliding, QuotaBucket} {
		quota := Quota{Kind: kind, Rates: map[string]int{pullEvents: 1}}
		bubble(t, Config{Hold: -1, Quota: quota}, func(t *testing.T, e *Emulator) {
			want := func(want string) {
				t.Helper()
				if _, err := e.Pull(t.Context(), appID); code(err) != want {
					t.Errorf("kind %d: error is %v, want %s", kind, err, want)
				}
			}
			want("ResourceNotFound")
			want("RequestLimitExceeded")
			advance(t, e, time.Second)
			want("ResourceNotFound")
			want("RequestLimitExceeded")
			advance(t, e, time.Hour)
			want("ResourceNotFound")
			e.Reset() // or the second would last for an hour
			want("ResourceNotFound")
		})
	}
}

func TestAResetBringsTheRealTimeBack(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		advance(t, e, 96*time.Hour)
		if got := e.Ahead(); got != 96*time.Hour {
			t.Errorf("it is %v ahead", got)
		}
		e.Reset()
		deliver(t, e, 1)
		if got := e.Queued(appID)[0]; e.Ahead() != 0 || !got.Sent.Equal(start) || got.LeaseEnd.Sub(start) != 30*time.Second {
			t.Errorf("it is %v ahead; %+v", e.Ahead(), got)
		}
		time.Sleep(30 * time.Second)
		pullOne(t, e)
	})
}

func TestAnAdvanceThatIsHeldUpFailsWhenTheEmulatorIsResetOrClosed(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(e *Emulator)
		want string
		took time.Duration
	}{
		"reset": {(*Emulator).Reset, "vodtest: the clock was reset meanwhile", time.Second},
		"close": {func(e *Emulator) { go e.Close() }, errClosed.Error(), time.Second},
		"time": {
			func(*Emulator) {}, "vodtest: the clock stopped 1h0m0s before the end: what was due did not end in 5s", 5 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			block := make(chan struct{}, 1)
			pushing(t, Push{Observe: func(Callback) { <-block }}, "", func(t *testing.T, e *Emulator, h *hook) {
				block = make(chan struct{}) // one of the bubble
				defer close(block)
				send(t, e, `{}`)
				start := time.Now()
				at(time.Second, func() { test.end(e) })
				if err := e.Advance(t.Context(), time.Hour); err == nil || err.Error() != test.want {
					t.Errorf("error is %v, want %s", err, test.want)
				}
				wantElapsed(t, start, test.took)
			})
		})
	}
}

func TestAdvancesOfManyAddUp(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		deliver(t, e, 1)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { advance(t, e, 3*time.Second) })
		}
		all.Wait()
		if got := e.Ahead(); got != 30*time.Second {
			t.Errorf("it is %v ahead", got)
		}
		pullOne(t, e)
	})
}

func TestTimeGoesOnlyAheadAndOnlyWhileTheEmulatorLives(t *testing.T) {
	e := New(Config{})
	for d, want := range map[time.Duration]string{
		0: "vodtest: the clock cannot be moved so: it only goes ahead", -1: "only goes ahead", 100_000 * time.Hour: "10 years",
	} {
		if err := e.Advance(t.Context(), d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("by %v: %v, want %q", d, err, want)
		}
	}
	e.Close()
	if err := e.Advance(t.Context(), time.Second); err != errClosed {
		t.Errorf("after Close: %v", err)
	}
}
