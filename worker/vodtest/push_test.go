package vodtest

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnEventIsPostedInsteadOfQueued(t *testing.T) {
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		send(t, e, `{"EventType":"A", "EventHandle":"x", "N":12345678901234567890}`)
		fileID := e.Upload(appID, "x.mp4")
		e.Process(appID, fileID, "")
		synctest.Wait()
		if got := pull(t, e, appID); len(got) != 0 {
			t.Errorf("%d events are queued", len(got))
		}
		slices.Sort(h.bodies)
		if len(h.bodies) != 3 || h.bodies[0] != `{"EventType":"A", "N":12345678901234567890}` ||
			!strings.Contains(h.bodies[1], `"FileUploadEvent":{"FileId":"`+fileID) ||
			!strings.Contains(h.bodies[2], `"ProcedureStateChangeEvent":{"TaskId"`) {
			t.Errorf("bodies are %q", h.bodies)
		}
		for i, body := range h.bodies {
			if strings.Contains(body, handleKey) || strings.Contains(body, `"Sign"`) || h.types[i] != "POST application/json" {
				t.Errorf("%s %s", h.types[i], body)
			}
		}
		wantCallbacks(t, e, CallbackStats{Tries: 3, Answered: 3})
		if got := e.Stats(appID); got.Sent != 3 || got.Delivered != 0 || got.Waiting != 0 {
			t.Errorf("stats are %+v", got)
		}
	})
}

func TestAnyAnswerEndsACallback(t *testing.T) {
	for _, status := range []int{200, 204, 302, 404, 500, 503} {
		pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
			h.answer = func(*http.Request, int) (int, error) {
				time.Sleep(5*time.Second - 1)
				return status, nil
			}
			send(t, e, `{}`)
			rest()
			wantCallbacks(t, e, CallbackStats{Tries: 1, Answered: 1})
		})
	}
}

func TestACallbackThatTimesOutIsTriedThreeTimes(t *testing.T) {
	for _, test := range []struct {
		name  string
		push  Push
		times []time.Duration
	}{
		{"by default", Push{}, []time.Duration{0, 6 * time.Second, 12 * time.Second}},
		{"as configured", Push{Timeout: time.Second, Tries: 2, Gap: 10 * time.Second}, []time.Duration{0, 11 * time.Second}},
		{"without a gap", Push{Gap: -1}, []time.Duration{0, 5 * time.Second, 10 * time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tries []Callback
			test.push.Observe = func(c Callback) { tries = append(tries, c) }
			pushing(t, test.push, "", func(t *testing.T, e *Emulator, h *hook) {
				h.answer = never
				send(t, e, `{"EventType":"A"}`)
				rest()
				if !slices.Equal(h.times, test.times) {
					t.Errorf("tries are at %v, want %v", h.times, test.times)
				}
				wantCallbacks(t, e, CallbackStats{Tries: len(test.times), GivenUp: 1})
				for i, try := range tries {
					if try.SubAppID != appID || try.Event != 1 || try.Try != i+1 || try.Last != (i == len(tries)-1) ||
						try.Took != e.cfg.Push.Timeout || try.Status != 0 || try.Err.Error() != "no answer in time" ||
						string(try.Content) != `{"EventType":"A"}` || try.URL != "http://hook.example.com/vod" {
						t.Errorf("try %d is %+v", i, try)
					}
				}
				if len(tries) != len(test.times) {
					t.Errorf("%d tries were observed", len(tries))
				}
			})
		})
	}
}

func TestAnAnswerToTheSecondTryEndsIt(t *testing.T) {
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = func(r *http.Request, n int) (int, error) {
			if n == 1 {
				return never(r, n)
			}
			return http.StatusInternalServerError, nil
		}
		send(t, e, `{}`)
		rest()
		wantCallbacks(t, e, CallbackStats{Tries: 2, Answered: 1})
	})
}

func TestARefusedConnectionIsTriedAgainOnlyIfAskedFor(t *testing.T) {
	refuse := func(*http.Request, int) (int, error) { return 0, errors.New("connection refused") }
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = refuse
		send(t, e, `{}`)
		rest()
		wantCallbacks(t, e, CallbackStats{Tries: 1, GivenUp: 1})
	})
	pushing(t, Push{RetryErrors: true}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = refuse
		send(t, e, `{}`)
		rest()
		wantCallbacks(t, e, CallbackStats{Tries: 3, GivenUp: 1})
	})
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = func(*http.Request, int) (int, error) { return 0, &net.DNSError{IsTimeout: true} }
		send(t, e, `{}`)
		rest()
		wantCallbacks(t, e, CallbackStats{Tries: 3, GivenUp: 1}) // a time-out of another layer is one too
	})
}

func TestWithoutAURLEventsAreLost(t *testing.T) {
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		if got := modify(t, e, `{"SubAppId":1500000001,"NotificationUrl":""}`); got != "" {
			t.Fatal(got)
		}
		send(t, e, `{}`, `{}`)
		rest()
		wantCallbacks(t, e, CallbackStats{NoURL: 2})
		if len(h.bodies) != 0 || len(e.Queued(appID)) != 0 {
			t.Errorf("posted: %v, queued: %v", h.bodies, e.Queued(appID))
		}
	})
}

func TestWhatIsQueuedStaysThereWhenTheModeChanges(t *testing.T) {
	bubble(t, Config{Hold: -1, Push: Push{Transport: &hook{}}}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"N":1}`)
		if err := e.PushTo(appID, hookURL, ""); err != nil {
			t.Fatal(err)
		}
		send(t, e, `{"N":2}`)
		synctest.Wait()
		wantCallbacks(t, e, CallbackStats{Tries: 1, Answered: 1})
		events := pull(t, e, appID)
		if len(events) != 1 || events[0].N != 1 {
			t.Fatalf("pulled %v", events)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{events[0].EventHandle}), "")
		if got := modify(t, e, `{"SubAppId":1500000001,"Mode":"PULL"}`); got != "" {
			t.Fatal(got)
		}
		send(t, e, `{"N":3}`)
		if events := pull(t, e, appID); len(events) != 1 || events[0].N != 3 {
			t.Errorf("pulled %v", events)
		}
		synctest.Wait()
		wantCallbacks(t, e, CallbackStats{Tries: 1, Answered: 1})
	})
}

func TestNoMoreThanTheSendersAreOut(t *testing.T) {
	for _, test := range []struct{ senders, most int }{{0, 16}, {2, 2}} {
		pushing(t, Push{Senders: test.senders}, "", func(t *testing.T, e *Emulator, h *hook) {
			h.answer = func(*http.Request, int) (int, error) { time.Sleep(time.Second); return 200, nil }
			for range 100 {
				send(t, e, `{}`)
			}
			synctest.Wait()
			wantCallbacks(t, e, CallbackStats{Pending: 100})
			rest()
			wantCallbacks(t, e, CallbackStats{Tries: 100, Answered: 100})
			if h.most != test.most {
				t.Errorf("%d were out at a time, want %d", h.most, test.most)
			}
			if got := e.app(appID).outbox.senders; got != 0 {
				t.Errorf("%d senders are left with nothing to send", got)
			}
		})
	}
}

func TestOneApplicationsReceiverDoesNotDelayAnothers(t *testing.T) {
	pushing(t, Push{Senders: 1}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = func(r *http.Request, n int) (int, error) {
			if r.URL.Host == "hook.example.com" {
				return never(r, n)
			}
			return 200, nil
		}
		if err := e.PushTo(2, "http://quick.example.com/", ""); err != nil {
			t.Fatal(err)
		}
		send(t, e, `{}`, `{}`)
		if err := e.Send(2, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := e.Stats(2).Callbacks; got.Answered != 1 {
			t.Errorf("callbacks are %+v", got)
		}
	})
}

func TestCloseEndsCallbacksAndWaitsForThem(t *testing.T) {
	pushing(t, Push{Senders: 2}, "", func(t *testing.T, e *Emulator, h *hook) {
		start := time.Now()
		h.answer = never
		send(t, e, `{}`, `{}`, `{}`)
		time.Sleep(6 * time.Second)
		synctest.Wait() // the second tries are out
		e.Close()
		wantElapsed(t, start, 6*time.Second)
		wantCallbacks(t, e, CallbackStats{Tries: 2, Pending: 3})
		send(t, e, `{}`)
		rest()
		if len(h.bodies) != 4 {
			t.Errorf("%d tries, want 4", len(h.bodies))
		}
		wantCallbacks(t, e, CallbackStats{Tries: 2, Pending: 4})
	})
}

func TestPushToRefusesWhatIsNoURL(t *testing.T) {
	e := New(Config{})
	for _, test := range []struct{ url, key string }{{"example.com", ""}, {"", ""}, {"http://example.com", "with space"}} {
		if err := e.PushTo(appID, test.url, test.key); err == nil {
			t.Errorf("PushTo takes %q with the key %q", test.url, test.key)
		}
	}
	wantSettings(t, e, `{"SubAppId":1500000001}`, newSettings)
}
