package callback_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

func TestACallbackIsAnsweredOnceAllItsHandlersHaveSucceeded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		got := make(chan events.Event, 2)
		slow := func(d time.Duration) func(context.Context, events.Event) error {
			return func(_ context.Context, e events.Event) error { time.Sleep(d); got <- e; return nil }
		}
		c := newCaller(t, []worker.Handler{
			{Name: "one", Handle: slow(time.Second)}, {Name: "two", Handle: slow(3 * time.Second)},
			{Name: "other", Types: []string{"FileDeleted"}, Handle: slow(time.Hour)},
		}, callback.Options{SubAppID: 1500000001})
		body := " " + uploaded("1") + "\n"
		wantEqual(t, "status", c.post(body, 5*time.Second), http.StatusOK)
		c.at(3 * time.Second)
		want := events.Event{SubAppID: 1500000001, Type: events.NewFileUpload, Raw: []byte(body)}
		for range 2 {
			if diff := cmp.Diff(want, <-got); diff != "" {
				t.Errorf("a handler got (-want +got):\n%s", diff)
			}
		}
		c.stop()
	})
}

func TestAFailedEventIsHeldUntilVODHangsUp(t *testing.T) {
	for patience, want := range map[time.Duration]time.Duration{
		0:               6 * time.Second, // whoever does not hang up is cut off
		5 * time.Second: 5 * time.Second,
	} {
		inBubble(t, func(t *testing.T) {
			c := newCaller(t, []worker.Handler{failing(always, 0, &counter{})}, callback.Options{})
			if status := c.post(uploaded("1"), patience); status > noAnswer {
				t.Errorf("status %d", status)
			}
			c.at(want)
			c.stop()
		})
	}
}

func TestTheNextTryJoinsTheHandlersThatStillRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(0, 8*time.Second, &runs)}, callback.Options{})
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
		c.at(5 * time.Second)
		wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		c.at(8 * time.Second)
		wantEqual(t, "runs", runs.of("1"), 1)
		c.stop()
	})
}

func TestAHandlerThatFailsTwiceNeedsThreeTries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var flaky, steady counter
		handlers := []worker.Handler{failing(2, time.Second, &flaky), {Name: "steady", Handle: func(_ context.Context, e events.Event) error {
			steady.add(e)
			return nil
		}}}
		c := newCaller(t, handlers, callback.Options{})
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
		wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), hungUp)
		wantEqual(t, "third try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		c.at(11 * time.Second)
		wantEqual(t, "runs of what failed", flaky.of("1"), 3)
		wantEqual(t, "runs of what had succeeded", steady.of("1"), 1)
		wantEqual(t, "handled", c.Status().Handled, 1)
		c.stop()
	})
}

// Each try is worth a run of the handlers, even if they are so slow that nobody waits for the last one any more.
func TestEachTryIsWorthARun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(2, 9*time.Second, &runs)}, callback.Options{})
		for range 3 {
			wantEqual(t, "status", c.post(uploaded("1"), 5*time.Second), hungUp)
		}
		c.sleepUntil(27 * time.Second)
		wantEqual(t, "runs", runs.of("1"), 3)
		wantEqual(t, "handled", c.Status().Handled, 1)
		c.stop()
	})
}

func TestAnEventIsGivenUpAfterItsThirdTry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newBurier(t, []worker.Handler{failing(always, 0, &runs), {Name: "steady", Handle: succeed}}, nil)
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
		wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), hungUp)
		wantEqual(t, "third try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		c.at(10 * time.Second)
		want := []worker.DeadLetter{{
			Event:  events.Event{Type: events.NewFileUpload, Raw: []byte(uploaded("1"))},
			Reason: worker.ReasonLastTry, Missing: []string{"failing"}, LastError: errTest.Error(), Attempts: 3,
			First: c.begin, Last: c.begin.Add(10 * time.Second),
		}}
		if diff := cmp.Diff(want, c.letters()); diff != "" {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
		wantEqual(t, "runs", runs.of("1"), 3)
		c.stop()
	})
}

func TestAnEventIsGivenUpIfNoNextTryComes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newBurier(t, []worker.Handler{failing(always, 0, &counter{})}, nil)
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
		time.Sleep(29 * time.Second)
		wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), hungUp)
		c.sleepUntil(68 * time.Second)
		wantEqual(t, "letters", len(c.letters()), 0)
		c.sleepUntil(69 * time.Second) // 30 s after VOD hung up
		wantEqual(t, "letters", len(c.letters()), 1)
		wantEqual(t, "reason", c.letters()[0].Reason, worker.ReasonNoRetry)
		wantEqual(t, "attempts", c.letters()[0].Attempts, 2)
		c.stop()
	})
}

// What was given up is not known any more: one that comes all the same is tried like a new one.
func TestAfterItWasGivenUpAnEventIsNew(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(3, 0, &runs)}, callback.Options{})
		for range 3 {
			wantEqual(t, "status", c.post(uploaded("1"), 5*time.Second), hungUp)
		}
		wantEqual(t, "status", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		wantEqual(t, "lost", c.Status().Lost, 1)
		c.stop()
	})
}

func TestALostEventIsLoggedWholeAndWithoutItsSignature(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const key = "abcDEF123"
		c := newCaller(t, []worker.Handler{failing(always, 0, &counter{})}, callback.Options{SignKeys: []string{key}})
		body := signed(uploaded("1"), key, unix(time.Now().Add(10*time.Minute)))
		for range 3 {
			wantEqual(t, "status", c.post(body, 5*time.Second), hungUp)
		}
		c.wantLog("event lost", 1)
		c.wantLog(strings.ReplaceAll(uploaded("1"), `"`, `\"`), 1)
		c.wantLog("Sign", 0)
		c.wantLog(body[9:41], 0)
		c.wantLog(key, 0)
		wantEqual(t, "lost", len(c.lost()), 1)
		c.stop()
	})
}

func TestBytesThatAreNoTextAreLoggedAsBase64(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{failing(always, 0, &counter{})}, callback.Options{})
		for range 3 {
			c.post("{\"EventType\":\"X\",\"A\":\"\xff\"}", 5*time.Second)
		}
		c.wantLog(`"event_base64":"eyJFdmVudFR5cGUiOiJYIiwiQSI6Iv8ifQ=="`, 1)
		c.stop()
	})
}

func TestEventsInTheOldFormatAreHandedOn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		h := failing(0, 0, &runs)
		h.Types = []string{"NewFileUpload"}
		c := newCaller(t, []worker.Handler{h}, callback.Options{})
		wantEqual(t, "status", c.post(`{"version":"4.0","eventType":"NewFileUpload","data":{"fileId":"7"}}`, 0), http.StatusOK)
		wantEqual(t, "runs", runs.of("7"), 1)
		c.stop()
	})
}

func TestUnmatchedEventsAreAnsweredOrBuried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		handlers := []worker.Handler{{Name: "other", Types: []string{"PullComplete"}, Handle: succeed}}
		c := newCaller(t, handlers, callback.Options{})
		for range 2 {
			wantEqual(t, "status", c.post(uploaded("1"), 0), http.StatusOK)
		}
		c.wantLog("no handler wants", 1)
		wantEqual(t, "unmatched", c.Status().Unmatched, 2)
		wantEqual(t, "handled", c.Status().Handled, 0)
		c.stop()
		c.wantLog(`"handled":0,"unmatched":2`, 1)

		var letters []worker.DeadLetter
		c = newCaller(t, handlers, callback.Options{
			Unmatched: worker.UnmatchedDeadLetter,
			DeadLetters: &worker.DeadLetters{Write: func(_ context.Context, letter worker.DeadLetter) error {
				letters = append(letters, letter)
				return nil
			}},
		})
		wantEqual(t, "status", c.post(uploaded("1"), 0), http.StatusOK)
		wantEqual(t, "letters", len(letters), 1)
		wantEqual(t, "reason", letters[0].Reason, worker.ReasonUnmatched)
		c.stop()
	})
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	write := func(context.Context, worker.DeadLetter) error { return nil }
	for want, test := range map[string]struct {
		handlers []worker.Handler
		opts     callback.Options
	}{
		"no handler":           {nil, callback.Options{}},
		"has no name":          {[]worker.Handler{{Handle: succeed}}, callback.Options{}},
		"must be at least 1":   {handler(succeed), callback.Options{Concurrency: -1}},
		"letters and digits":   {handler(succeed), callback.Options{SignKeys: []string{"hunter2\n"}}},
		"sign key must be":     {handler(succeed), callback.Options{SignKeys: []string{strings.Repeat("k", 33)}}},
		"must be another":      {handler(succeed), callback.Options{SignKeys: []string{"hunter2", "hunter2"}}},
		"VOD has one sign key": {handler(succeed), callback.Options{SignKeys: []string{"a", "b", "c"}}},
		"a place to write to":  {handler(succeed), callback.Options{DeadLetters: &worker.DeadLetters{}}},
		"can't be left":        {handler(succeed), callback.Options{Unmatched: worker.UnmatchedLeave, DeadLetters: &worker.DeadLetters{Write: write}}},
		"letters without any":  {handler(succeed), callback.Options{Unmatched: worker.UnmatchedDeadLetter}},
		"unmatched must be Un": {handler(succeed), callback.Options{Unmatched: 7}},
	} {
		_, err := callback.New(test.handlers, &test.opts)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := callback.New(handler(succeed), nil); err != nil {
		t.Error(err)
	}
}
