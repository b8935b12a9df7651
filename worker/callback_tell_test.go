package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// An asker asks a Callback for its Status, which needs the lock, wherever the Callback calls out: in hooks and in lines of
// the log.
type asker struct {
	*caller
	asked map[string]int // by hook; lines of the log by "log"
}

func newAsker(t *testing.T, handlers []worker.Handler, opts worker.CallbackOptions) *asker {
	t.Helper()
	a := &asker{caller: &caller{t: t, begin: time.Now(), log: &lockedBuffer{}}, asked: map[string]int{}}
	opts.Log = zerolog.New(a)
	opts.Hooks = worker.CallbackHooks{
		Received:     func(worker.CallbackInfo) { a.ask("received") },
		Handled:      func(worker.HandleInfo) { a.ask("handled") },
		DeadLettered: func(worker.DeadLetter) { a.ask("dead-lettered") },
		Lost:         func(worker.DeadLetter) { a.ask("lost") },
	}
	var err error
	if a.Callback, err = worker.NewCallback(handlers, &opts); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *asker) ask(who string) {
	a.Status()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked[who]++
}

func (a *asker) Write(line []byte) (int, error) {
	a.ask("log")
	return a.log.Write(line)
}

// askInBubble is inBubble, and ends a deadlock: time does not pass in a bubble in which somebody waits for a lock.
func askInBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	watch := time.AfterFunc(30*time.Second, func() { panic("a hook, or the log, is called while the lock is held") })
	defer watch.Stop()
	inBubble(t, test)
}

func TestStatusMayBeAskedForInAnyHookOfACallback(t *testing.T) {
	askInBubble(t, func(t *testing.T) {
		a := newAsker(t, handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == "rejected" {
				return worker.Permanent(errTest)
			}
			return errTest
		}), worker.CallbackOptions{DeadLetters: &worker.DeadLetters{Write: func(_ context.Context, letter worker.DeadLetter) error {
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
			a := newAsker(t, handler(func(context.Context, events.Event) error { panic("with a stack") }), worker.CallbackOptions{})
			a.post(uploaded("1"), 5*time.Second)
			return a
		},
		"has not returned": func(t *testing.T) *asker {
			a := newAsker(t, handler(func(context.Context, events.Event) error { time.Sleep(40 * time.Second); return nil }), worker.CallbackOptions{})
			a.post(uploaded("1"), 5*time.Second)
			a.sleepUntil(40 * time.Second)
			return a
		},
		"no handler wants events": func(t *testing.T) *asker {
			a := newAsker(t, []worker.Handler{{Name: "other", Types: []string{"FileDeleted"}, Handle: succeed}}, worker.CallbackOptions{})
			a.post(uploaded("1"), 0)
			return a
		},
		"no room for an event": func(t *testing.T) *asker {
			a := newAsker(t, handler(func(context.Context, events.Event) error { time.Sleep(3 * time.Second); return nil }), worker.CallbackOptions{})
			for i := range 33 {
				go a.post(uploaded(fmt.Sprint(i, strings.Repeat("x", 1<<20-1000))), 5*time.Second)
			}
			a.sleepUntil(time.Minute)
			return a
		},
		"event not finished": func(t *testing.T) *asker {
			a := newAsker(t, []worker.Handler{failing(always, 0, &counter{})}, worker.CallbackOptions{})
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
				c, told := &caller{t: t, begin: time.Now(), log: &lockedBuffer{}}, false
				opts := worker.CallbackOptions{Hooks: worker.CallbackHooks{Lost: func(worker.DeadLetter) {
					time.Sleep(8 * time.Second)
					told = true
				}}}
				var err error
				if c.Callback, err = worker.NewCallback([]worker.Handler{failing(always, 0, &counter{})}, &opts); err != nil {
					t.Fatal(err)
				}
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
