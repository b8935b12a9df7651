package callback_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

func TestNoMoreEventsAreHandledAtOnceThanConcurrency(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var now, most atomic.Int64
		c := newCaller(t, handler(func(context.Context, events.Event) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}), callback.Options{Concurrency: 3})
		var posts sync.WaitGroup
		for i := range 12 {
			posts.Go(func() { wantEqual(t, "status", c.post(uploaded(fmt.Sprint(i)), 5*time.Second), http.StatusOK) })
		}
		posts.Wait()
		c.at(4 * time.Second)
		wantEqual(t, "at once", most.Load(), 3)
		c.stop()
	})
}

func TestAnEventThatGetsNoPlaceIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(0, 20*time.Second, &runs)}, callback.Options{Concurrency: 1})
		go c.post(uploaded("1"), 5*time.Second)
		synctest.Wait()
		go c.post(uploaded("2"), 5*time.Second) // has the place from 20 s to 40 s
		synctest.Wait()
		c.post(uploaded("3"), 5*time.Second)
		c.sleepUntil(24 * time.Second)
		wantEqual(t, "its next try", c.post(uploaded("3"), 5*time.Second), hungUp)
		c.sleepUntil(61 * time.Second)
		c.wantLog("all places were taken for too long", 1)
		wantEqual(t, "runs", runs.of("3"), 1)
		wantEqual(t, "handled", c.Status().Handled, 3)
		c.stop()
	})
}

// What there is no room for is not answered, so that VOD tries it again.
func TestTooManyEventsAreLeftToComeAgain(t *testing.T) {
	big := func(i int) string {
		return fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d","A":"%s"}}`, i, strings.Repeat("x", 1<<20-1000))
	}
	for name, test := range map[string]struct {
		fits int
		body func(i int) string
	}{
		"events": {1024 - 200, func(i int) string { return uploaded(fmt.Sprint(i)) }},
		"bytes":  {32, big},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				block := make(chan struct{})
				c := newCaller(t, handler(func(context.Context, events.Event) error { <-block; return nil }), callback.Options{})
				if name == "events" { // those that wait for VOD's next try count too
					for i := range 200 {
						go c.post(uploaded(fmt.Sprint("early", i)), 100*time.Millisecond)
					}
					time.Sleep(time.Second)
				}
				var posts sync.WaitGroup
				for i := range test.fits {
					posts.Go(func() { wantEqual(t, "status", c.post(test.body(i), 5*time.Second), http.StatusOK) })
				}
				time.Sleep(time.Second)
				posts.Go(func() { wantEqual(t, "one too many", c.post(test.body(5000), 5*time.Second), hungUp) })
				time.Sleep(time.Second)
				wantEqual(t, "overloaded", c.Status().Overloaded, 1)
				close(block)
				posts.Wait()
				wantEqual(t, "its next try", c.post(test.body(5000), 5*time.Second), http.StatusOK)
				c.stop()
			})
		})
	}
}

func TestTooManyRequestsAreClosedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(func(context.Context, events.Event) error { time.Sleep(20 * time.Second); return nil }), callback.Options{})
		for range 1024 {
			go c.post(uploaded("1"), 0)
		}
		synctest.Wait()
		wantEqual(t, "one too many", c.post(uploaded("2"), 0), noAnswer)
		c.at(0)
		wantEqual(t, "events", c.Status().Events, 1)
		c.stop()
	})
}

// What can't be let in takes nobody's place.
func TestARefusedRequestTakesNoPlace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(succeed), callback.Options{SignKeys: []string{"abcDEF123"}, Concurrency: 1})
		for i := range 5000 {
			wantEqual(t, "unsigned", c.post(uploaded(fmt.Sprint(i)), 0), http.StatusForbidden)
		}
		c.at(0)
		s := c.Status()
		wantEqual(t, "refused", s.Forbidden, 5000)
		wantEqual(t, "let in", s.Received+s.Events+s.Overloaded, 0)
		if n := strings.Count(c.log.String(), "refused"); n > 20 {
			t.Errorf("%d lines of log", n)
		}
		c.stop()
	})
}

// A handler that ignores its context keeps its place, but not the event, which is given up as if it had failed.
func TestAStuckHandlerKeepsItsPlaceAndNotTheEvent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		block := make(chan struct{})
		c := newBurier(t, handler(func(context.Context, events.Event) error { <-block; return nil }), nil)
		c.post(uploaded("1"), 5*time.Second)
		c.sleepUntil(30 * time.Second)
		wantEqual(t, "stuck", c.Status().Stuck, 1)
		c.wantLog("has not returned", 1)
		c.sleepUntil(60 * time.Second)
		wantEqual(t, "letters", len(c.letters()), 1)
		wantEqual(t, "on their way", c.Status().Events, 0)
		close(block) // too late
		synctest.Wait()
		wantEqual(t, "stuck", c.Status().Stuck, 0)
		wantEqual(t, "handled", c.Status().Handled, 0)
		c.stop()
	})
}

// A handler returns in the moment in which it would count as stuck. Its next run is not stuck for that.
func TestOnlyTheRunThatTookTooLongIsStuck(t *testing.T) {
	for range 100 { // whichever of the two comes first
		inBubble(t, func(t *testing.T) {
			n := 0
			c := newCaller(t, handler(func(context.Context, events.Event) error {
				if n++; n == 1 {
					time.Sleep(30 * time.Second) // its time, and 5 s
					return errTest
				}
				time.Sleep(10 * time.Second)
				return nil
			}), callback.Options{})
			c.post(uploaded("1"), 5*time.Second)
			c.post(uploaded("1"), 5*time.Second)
			c.sleepUntil(35 * time.Second)
			wantEqual(t, "runs", n, 2)
			wantEqual(t, "stuck", c.Status().Stuck, 0)
			c.stop()
		})
	}
}

func TestALateSuccessOfAStuckHandlerCounts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newBurier(t, handler(func(context.Context, events.Event) error { time.Sleep(40 * time.Second); return nil }), nil)
		c.post(uploaded("1"), 5*time.Second)
		c.sleepUntil(38 * time.Second)
		wantEqual(t, "next try", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		c.at(40 * time.Second)
		wantEqual(t, "letters", len(c.letters()), 0)
		c.stop()
	})
}

// Who writes letters may end the goroutine, as a test's FailNow does. The event must not be kept for ever.
func TestAWriterThatDoesNotReturnHasFailed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(func(context.Context, events.Event) error { return worker.Permanent(errTest) }),
			callback.Options{DeadLetters: &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error {
				runtime.Goexit()
				return nil
			}}})
		for range 3 {
			wantEqual(t, "status", c.post(uploaded("1"), 5*time.Second), hungUp)
		}
		wantEqual(t, "events lost", len(c.lost()), 1)
		wantEqual(t, "events kept", c.Status().Events, 0)
		c.stop()
	})
}

// Who is held needs no body: that of an event is kept once, however often it is posted.
func TestHeldRequestsKeepNoBody(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{failing(0, 4*time.Second, &counter{})}, callback.Options{})
		body := uploaded(strings.Repeat("x", 1<<20-1000))
		before := heap()
		for range 50 {
			go c.post(body, 0)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		wantEqual(t, "held", c.Status().Held, 50)
		if grown := heap() - before; grown > 30<<20 {
			t.Errorf("50 requests for one event of 1 MiB hold %d MiB", grown>>20)
		}
		time.Sleep(4 * time.Second)
		c.stop()
	})
}

func heap() int {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
