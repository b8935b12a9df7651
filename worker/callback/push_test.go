package callback_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/vodtest"
)

const testSignKey = "abcDEF123"

// pushed runs what an emulator pushes into a Receiver, and returns its tries when it is done.
func pushed(t *testing.T, c *caller, push vodtest.Push, uploads int) []vodtest.Callback {
	t.Helper()
	var mu sync.Mutex
	var tries []vodtest.Callback
	push.Transport = direct{c}
	push.Observe = func(try vodtest.Callback) {
		mu.Lock()
		defer mu.Unlock()
		tries = append(tries, try)
	}
	emulator := vodtest.New(vodtest.Config{Push: push})
	defer emulator.Close()
	if err := emulator.PushTo(0, "http://receiver/", testSignKey); err != nil {
		t.Fatal(err)
	}
	for range uploads {
		emulator.Upload(0, "video.mp4")
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	return tries
}

func TestAnEmulatorsCallbacksSucceedWithTheirThirdTry(t *testing.T) {
	for name, push := range map[string]vodtest.Push{
		"as documented":        {},
		"at once":              {Gap: -1},
		"late":                 {Gap: 20 * time.Second},
		"signed in lower case": {LowerCase: true, QuoteT: true},
		"another content type": {ContentType: "application/x-www-form-urlencoded"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var runs counter
				c := newBurier(t, []worker.Handler{failing(2, time.Second, &runs)}, nil)
				tries := pushed(t, c, push, 1)
				wantEqual(t, "tries", len(tries), 3)
				wantEqual(t, "status of the last", tries[2].Status, 200)
				wantEqual(t, "handled", c.Status().Handled, 1)
				wantEqual(t, "letters", len(c.letters()), 0)
				c.stop()
			})
		})
	}
}

func TestAnEmulatorsCallbacksThatAlwaysFailAreBuried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newBurier(t, []worker.Handler{failing(always, time.Second, &runs)}, nil)
		tries := pushed(t, c, vodtest.Push{}, 20)
		wantEqual(t, "tries", len(tries), 60)
		wantEqual(t, "letters", len(c.letters()), 20)
		wantEqual(t, "answered", c.Status().Answered, 20) // with the third try
		wantEqual(t, "lost", c.Status().Lost, 0)
		c.stop()
	})
}

// Slow handlers cost tries, not runs: whatever VOD does, each event is handled once.
func TestAnEmulatorsCallbacksAreHandledOnce(t *testing.T) {
	for _, took := range []time.Duration{0, 4900 * time.Millisecond, 5 * time.Second, 6 * time.Second, 14 * time.Second, 24 * time.Second} {
		inBubble(t, func(t *testing.T) {
			var runs counter
			c := newCaller(t, []worker.Handler{failing(0, took, &runs)}, callback.Options{SignKeys: []string{testSignKey}})
			pushed(t, c, vodtest.Push{}, 30)
			wantEqual(t, "files", len(runs.all()), 30)
			for file, n := range runs.all() {
				if n != 1 {
					t.Errorf("handlers of %v: file %s ran %d times", took, file, n)
				}
			}
			wantEqual(t, "handled", c.Status().Handled, 30)
			c.stop()
		})
	}
}

func TestAnEmulatorsCallbacksWithAnotherKeyAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		key  string
		push vodtest.Push
	}{
		"another key":  {"other", vodtest.Push{}},
		"expired":      {testSignKey, vodtest.Push{Validity: -1}},
		"for too long": {testSignKey, vodtest.Push{Validity: time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var runs counter
				c := newCaller(t, []worker.Handler{failing(0, 0, &runs)}, callback.Options{SignKeys: []string{test.key}})
				tries := pushed(t, c, test.push, 1)
				wantEqual(t, "tries", len(tries), 1) // any answer ends it
				wantEqual(t, "status", tries[0].Status, 403)
				wantEqual(t, "runs", len(runs.all()), 0)
				c.wantLog("request refused", 1)
				c.stop()
			})
		})
	}
}
