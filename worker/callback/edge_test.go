package callback_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

var rejecting = worker.Handler{Name: "rejecting", Handle: func(context.Context, events.Event) error { return worker.Permanent(errTest) }}

func TestWhatAHandlerRejectsIsBuriedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newBurier(t, []worker.Handler{rejecting}, nil)
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		c.at(0)
		wantEqual(t, "reason", c.letters()[0].Reason, worker.ReasonPermanent)
		wantEqual(t, "dead letters", c.Status().DeadLettered, 1)
		c.stop()
	})
}

func TestWhatOneHandlerRejectsIsTriedAgainForTheOthers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var flaky, rejected counter
		counted := rejecting
		counted.Handle = func(ctx context.Context, e events.Event) error { rejected.add(e); return rejecting.Handle(ctx, e) }
		c := newBurier(t, []worker.Handler{counted, failing(1, 0, &flaky)}, nil)
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
		wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		wantEqual(t, "missing", fmt.Sprint(c.letters()[0].Missing), "[rejecting]")
		wantEqual(t, "runs of what rejects", rejected.of("1"), 1)
		c.stop()
	})
}

func TestWithoutDeadLettersWhatIsRejectedIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{rejecting}, callback.Options{})
		for range 3 {
			wantEqual(t, "status", c.post(uploaded("1"), 5*time.Second), hungUp)
		}
		wantEqual(t, "lost", c.lost()[0].Attempts, 3)
		c.stop()
	})
}

// A letter that can't be written is tried again, first at once and then with VOD's next try. What is answered in the end does
// not depend on whether a write that failed took effect.
func TestALetterThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	for _, tookEffect := range []bool{false, true} {
		fails := func(until int) func(int) (error, error) {
			return func(n int) (before, after error) {
				switch {
				case n > until:
					return nil, nil
				case tookEffect:
					return nil, errDisk
				}
				return errDisk, nil
			}
		}
		t.Run(fmt.Sprint("took effect: ", tookEffect), func(t *testing.T) {
			inBubble(t, func(t *testing.T) { // with the first request
				c := newBurier(t, []worker.Handler{rejecting}, fails(2))
				wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
				c.stop()
			})
			inBubble(t, func(t *testing.T) { // with the next
				c := newBurier(t, []worker.Handler{rejecting}, fails(4))
				wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
				wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
				wantEqual(t, "dead letters", c.Status().DeadLettered, 1)
				c.stop()
			})
			inBubble(t, func(t *testing.T) { // never
				c := newBurier(t, []worker.Handler{failing(always, 0, &counter{})}, fails(always))
				for range 3 {
					wantEqual(t, "status", c.post(uploaded("1"), 5*time.Second), hungUp)
				}
				wantEqual(t, "lost", len(c.lost()), 1)
				c.wantLog("event lost", 1)
				c.stop()
			})
		})
	}
}

// A 200 that could not be written, since VOD had hung up, is given to its next try, once.
func TestAResultThatNobodyWasToldOfIsGivenToTheNextTry(t *testing.T) {
	type post func(c *caller, body string) int
	gone := func(c *caller, body string) int { return c.post(body, time.Second) } // before the handler is done
	broken := func(c *caller, body string) int { return c.postTo(&recorder{broken: errors.New("reset")}, body, 0) }
	for name, first := range map[string]post{"hung up before": gone, "failed to write": broken} {
		for kind, body := range map[string]string{"upload": uploaded("1"), "repeats": deletedFile("1")} {
			t.Run(name+", "+kind, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					var runs counter
					c := newCaller(t, []worker.Handler{failing(0, 2*time.Second, &runs)}, callback.Options{})
					if status := first(c, body); status > noAnswer {
						t.Errorf("status %d", status)
					}
					c.sleepUntil(10 * time.Second)
					wantEqual(t, "next try", c.post(body, 5*time.Second), http.StatusOK)
					c.at(10 * time.Second)
					wantEqual(t, "runs", runs.of("1"), 1)
					wantEqual(t, "a new event", c.post(body, 5*time.Second), http.StatusOK)
					wantEqual(t, "runs", runs.of("1"), 2)
					c.stop()
				})
			})
		}
	}
}

// Somebody who is gone again by then was told of nothing.
func TestAResultIsNotGivenToSomebodyWhoIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(0, 2*time.Second, &runs)}, callback.Options{})
		c.post(uploaded("1"), time.Second)
		c.sleepUntil(10 * time.Second)
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		for range 100 {
			r, _ := http.NewRequestWithContext(gone, http.MethodPost, "http://receiver/", strings.NewReader(uploaded("1")))
			wantEqual(t, "status", c.serve(&recorder{}, r), hungUp)
		}
		wantEqual(t, "next try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		wantEqual(t, "runs", runs.of("1"), 1)
		c.stop()
	})
}

func TestAResultIsKeptForAMinute(t *testing.T) {
	for after, want := range map[time.Duration]int{59 * time.Second: 1, 61 * time.Second: 2} {
		inBubble(t, func(t *testing.T) {
			var runs counter
			c := newCaller(t, []worker.Handler{failing(0, 2*time.Second, &runs)}, callback.Options{})
			c.post(uploaded("1"), time.Second)
			c.sleepUntil(2*time.Second + after)
			wantEqual(t, "next try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
			wantEqual(t, "runs", runs.of("1"), want)
			c.stop()
		})
	}
}

// A 200 that was written, but so late that it may have come after VOD hung up, counts as one that was not. For an event
// that repeats, what comes next may be a new one.
func TestALateAnswerMayNotHaveArrived(t *testing.T) {
	for body, want := range map[string]int{uploaded("1"): 1, deletedFile("1"): 2} {
		inBubble(t, func(t *testing.T) {
			var runs counter
			c := newCaller(t, []worker.Handler{failing(0, 4500*time.Millisecond, &runs)}, callback.Options{})
			wantEqual(t, "first try", c.post(body, 5*time.Second), http.StatusOK)
			wantEqual(t, "second try", c.post(body, 5*time.Second), http.StatusOK)
			wantEqual(t, "runs", runs.of("1"), want)
			c.stop()
		})
	}
}

// Two files may be deleted twice: while VOD waits for one, the other is no retry of it.
func TestEventsThatRepeatAreToldApart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var mu sync.Mutex
		handles := map[string]int{}
		c := newCaller(t, []worker.Handler{{Name: "test", Handle: func(_ context.Context, e events.Event) error {
			mu.Lock()
			handles[e.Handle]++
			mu.Unlock()
			time.Sleep(8 * time.Second)
			return nil
		}}}, callback.Options{})
		var posts sync.WaitGroup
		post := func(body string, want int) {
			posts.Go(func() { wantEqual(t, "status", c.post(body, 5*time.Second), want) })
		}
		post(deletedFile("1"), hungUp)
		post(deletedFile("1"), hungUp)
		post(uploaded("1"), hungUp)
		post(uploaded("1"), hungUp) // the same one: somebody delivers twice
		posts.Wait()
		mu.Lock()
		wantEqual(t, "runs", len(handles), 3)
		wantEqual(t, "runs without a name of their own", handles[""], 1)
		mu.Unlock()
		post(deletedFile("1"), http.StatusOK) // one is joined
		post(deletedFile("1"), http.StatusOK) // and the other
		posts.Wait()
		c.stop()
		mu.Lock()
		defer mu.Unlock()
		wantEqual(t, "runs", len(handles), 3)
	})
}

func TestAPanicIsAFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		n := 0
		c := newCaller(t, handler(func(context.Context, events.Event) error {
			if n++; n == 1 {
				panic("oops")
			}
			return nil
		}), callback.Options{})
		wantEqual(t, "first try", c.post(uploaded("1"), 5*time.Second), hungUp)
		c.wantLog("panic: oops", 1)
		wantEqual(t, "second try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		c.stop()
	})
}

// A handler's context does not end with the request.
func TestHandlersHaveTheirOwnTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var took time.Duration
		c := newCaller(t, handler(func(ctx context.Context, _ events.Event) error {
			began := time.Now()
			<-ctx.Done()
			took = time.Since(began)
			return context.Cause(ctx)
		}), callback.Options{})
		c.post(uploaded("1"), 5*time.Second)
		c.sleepUntil(time.Minute)
		wantEqual(t, "handling time", took, 25*time.Second)
		c.wantLog("the event's handling time is over", 2) // when it failed, and when it was lost
		c.stop()
	})
}

// VOD's next try comes in the moment in which none is expected any more. Either the event is given up, or it is tried again.
func TestAnEventIsGivenUpOrTriedAgainNotBoth(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newBurier(t, []worker.Handler{failing(1, 0, &runs)}, nil)
		const events = 500
		var posts sync.WaitGroup
		for i := range events {
			posts.Go(func() {
				c.post(uploaded(fmt.Sprint(i)), 5*time.Second)
				time.Sleep(30 * time.Second)
				c.post(uploaded(fmt.Sprint(i)), 5*time.Second)
			})
		}
		posts.Wait()
		total := len(c.letters())
		for _, n := range runs.all() {
			total += n
		}
		wantEqual(t, "letters, and runs", total, 2*events)
		c.stop()
	})
}
