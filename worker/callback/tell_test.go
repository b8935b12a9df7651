package callback_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// An asker asks a Receiver for its Status, which needs the lock, wherever the Receiver calls out: in hooks and in lines of
// the log.
type asker struct {
	*caller
	asked map[string]int // by hook; lines of the log by "log"
}

func newAsker(t *testing.T, handlers []worker.Handler, opts callback.Options) *asker {
	t.Helper()
	a := &asker{asked: map[string]int{}}
	opts.Hooks = callback.Hooks{
		Received:     func(callback.RequestInfo) { a.ask("received") },
		Handled:      func(worker.HandleInfo) { a.ask("handled") },
		DeadLettered: func(worker.DeadLetter) { a.ask("dead-lettered") },
		Lost:         func(worker.DeadLetter) { a.ask("lost") },
	}
	a.caller = newCaller(t, handlers, opts)
	a.log.before = func() { a.ask("log") }
	return a
}

func (a *asker) ask(who string) {
	a.Status()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked[who]++
}

// askInBubble is inBubble, and ends a deadlock: time does not pass in a bubble in which somebody waits for a lock.
func askInBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	watch := time.AfterFunc(time.Minute, func() { panic("a hook, or the log, is called while the lock is held") })
	defer watch.Stop()
	inBubble(t, test)
}

func TestStatusMayBeAskedForInAnyHook(t *testing.T) {
	askInBubble(t, func(t *testing.T) {
		a := newAsker(t, handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == "rejected" {
				return worker.Permanent(errTest)
			}
			return errTest
		}), callback.Options{DeadLetters: &worker.DeadLetters{Write: func(_ context.Context, letter worker.DeadLetter) error {
			if letter.Event.FileID() == "rejected" {
				return nil
			}
			return errDisk
		}}})
		for range 3 {
			a.post(uploaded("lost"), 5*time.Second)
		}
		a.post(uploaded("rejected"), 0)
		a.stop()
		for _, hook := range []string{"received", "handled", "dead-lettered", "lost"} {
			if a.asked[hook] == 0 {
				t.Errorf("the hook %q was not called", hook)
			}
		}
	})
}

// What a log is written to may be slow: nobody waits for it who only wants the lock.
func TestNothingIsLoggedWhileTheLockIsHeld(t *testing.T) {
	for line, test := range map[string]func(t *testing.T) *asker{
		"handler failed": func(t *testing.T) *asker {
			a := newAsker(t, handler(func(context.Context, events.Event) error { panic("with a stack") }), callback.Options{})
			a.post(uploaded("1"), 5*time.Second)
			return a
		},
		"has not returned": func(t *testing.T) *asker {
			a := newAsker(t, handler(func(context.Context, events.Event) error { time.Sleep(40 * time.Second); return nil }), callback.Options{})
			a.post(uploaded("1"), 5*time.Second)
			a.sleepUntil(40 * time.Second)
			return a
		},
		"no handler wants events": func(t *testing.T) *asker {
			a := newAsker(t, []worker.Handler{{Name: "other", Types: []string{"FileDeleted"}, Handle: succeed}}, callback.Options{})
			a.post(uploaded("1"), 0)
			return a
		},
		"no room for an event": func(t *testing.T) *asker {
			a := newAsker(t, handler(func(context.Context, events.Event) error { time.Sleep(3 * time.Second); return nil }), callback.Options{})
			for i := range 33 {
				go a.post(large(fmt.Sprint(i), 1023), 5*time.Second)
			}
			a.sleepUntil(time.Minute)
			return a
		},
		"trying again when VOD does": func(t *testing.T) *asker {
			a := newAsker(t, []worker.Handler{rejecting}, callback.Options{DeadLetters: &worker.DeadLetters{
				Write: func(context.Context, worker.DeadLetter) error { return errDisk },
			}})
			a.post(uploaded("1"), 5*time.Second)
			return a
		},
		"event not finished": func(t *testing.T) *asker {
			a := newAsker(t, []worker.Handler{failing(always, 0, &counter{})}, callback.Options{})
			a.post(uploaded("1"), 5*time.Second)
			return a
		},
	} {
		t.Run(line, func(t *testing.T) {
			askInBubble(t, func(t *testing.T) {
				a := test(t)
				synctest.Wait()
				a.stop()
				if !strings.Contains(a.log.String(), line) {
					t.Errorf("not logged:\n%s", a.log)
				}
			})
		})
	}
}

func TestShutdownWaitsUntilEverythingWasTold(t *testing.T) {
	for name, grace := range map[string]time.Duration{"within its time": time.Hour, "after it": 4 * time.Second} {
		t.Run(name, func(t *testing.T) {
			askInBubble(t, func(t *testing.T) {
				told := false
				c := newCaller(t, []worker.Handler{failing(always, 0, &counter{})}, callback.Options{
					Hooks: callback.Hooks{Lost: func(worker.DeadLetter) {
						time.Sleep(8 * time.Second)
						told = true
					}},
				})
				c.post(uploaded("1"), 5*time.Second)
				c.post(uploaded("1"), 5*time.Second)
				go c.post(uploaded("1"), 5*time.Second) // it is lost at once
				c.sleepUntil(12 * time.Second)
				ctx, cancel := context.WithTimeout(context.Background(), grace)
				defer cancel()
				_ = c.Shutdown(ctx)
				wantEqual(t, "told", told, true)
				c.at(18 * time.Second)
			})
		})
	}
}

func TestHooksTellOfWhichApplicationARequestIs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var got []callback.RequestInfo
		c := newCaller(t, []worker.Handler{failing(1, time.Second, &counter{})}, callback.Options{
			SubAppID: 7, Hooks: callback.Hooks{Received: func(info callback.RequestInfo) { got = append(got, info) }},
		})
		c.post("no event", 0)
		c.post(uploaded("1"), 5*time.Second)
		c.post(uploaded("1"), 5*time.Second)
		c.stop()
		want := []callback.RequestInfo{
			{SubAppID: 7, Status: http.StatusBadRequest},
			{SubAppID: 7, Type: events.NewFileUpload, Took: 5 * time.Second},
			{SubAppID: 7, Type: events.NewFileUpload, Status: http.StatusOK, Took: time.Second},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// Both are called, the first one first, whichever of them there are.
func TestJoinedHooksAreAllCalled(t *testing.T) {
	var called []string
	hooks := func(name string) (h callback.Hooks) {
		h.Received = func(callback.RequestInfo) { called = append(called, name+" received") }
		h.Handled = func(worker.HandleInfo) { called = append(called, name+" handled") }
		h.DeadLettered = func(worker.DeadLetter) { called = append(called, name+" dead-lettered") }
		h.Lost = func(worker.DeadLetter) { called = append(called, name+" lost") }
		return h
	}
	joined := hooks("a").Join(hooks("b")).Join(callback.Hooks{})
	joined.Received(callback.RequestInfo{})
	joined.Handled(worker.HandleInfo{})
	joined.DeadLettered(worker.DeadLetter{})
	joined.Lost(worker.DeadLetter{})
	want := "a received, b received, a handled, b handled, a dead-lettered, b dead-lettered, a lost, b lost"
	wantEqual(t, "called", strings.Join(called, ", "), want)
}
