package callback_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func TestShutdownWhenIdleIsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(succeed), callback.Options{})
		c.post(uploaded("1"), 0)
		c.stop()
		c.at(0)
		c.wantLog(`"received":1,"answered":1`, 1)
		wantEqual(t, "after it", c.post(uploaded("2"), 0), noAnswer)
	})
}

func TestShutdownLetsHandlersFinishAndAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(func(context.Context, events.Event) error { time.Sleep(3 * time.Second); return nil }), callback.Options{})
		answered := make(chan int, 1)
		go func() { answered <- c.post(uploaded("1"), 5*time.Second) }()
		synctest.Wait()
		c.stop()
		c.at(3 * time.Second)
		wantEqual(t, "status", <-answered, http.StatusOK)
	})
}

// Work whose request has gone is finished too.
func TestShutdownWaitsForWorkThatOutlivedItsRequest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(func(context.Context, events.Event) error { time.Sleep(15 * time.Second); return nil }), callback.Options{})
		c.post(uploaded("1"), 5*time.Second)
		c.stop()
		c.at(15 * time.Second)
		wantEqual(t, "handled", c.Status().Handled, 1)
		wantEqual(t, "unfinished", c.Status().Unfinished, 0)
	})
}

// The next process gets another try, if VOD's time runs out here.
func TestWhatComesDuringShutdownIsHeld(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		n := 0
		c := newCaller(t, handler(func(context.Context, events.Event) error { n++; time.Sleep(10 * time.Second); return nil }), callback.Options{})
		c.post(uploaded("1"), time.Second)
		done := make(chan struct{})
		go func() { c.stop(); close(done) }()
		synctest.Wait()
		wantEqual(t, "a new event", c.post(uploaded("2"), 5*time.Second), hungUp)
		c.at(6 * time.Second)
		wantEqual(t, "the one that is handled", c.post(uploaded("1"), 5*time.Second), http.StatusOK)
		<-done
		c.at(10 * time.Second)
		wantEqual(t, "runs", n, 1)
		wantEqual(t, "unfinished", c.Status().Unfinished, 0)
	})
}

// A connection that is closed may not be tried again: one that waits in vain is let wait until VOD gives up on it.
func TestShutdownHoldsWhatIsNotAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{failing(always, 0, &counter{})}, callback.Options{})
		answered := make(chan int, 1)
		go func() { answered <- c.post(uploaded("1"), 5*time.Second) }()
		time.Sleep(time.Second)
		c.stop()
		c.at(5 * time.Second)
		wantEqual(t, "status", <-answered, hungUp)
	})
}

var errGrace = errors.New("the grace is over")

func TestShutdownInterruptsHandlersWhenItsContextEnds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newBurier(t, handler(func(ctx context.Context, e events.Event) error {
			<-ctx.Done()
			if e.FileID() == "saved" {
				time.Sleep(2 * time.Second)
				return nil
			}
			return ctx.Err()
		}), nil)
		answered := make(chan int, 1)
		go c.post(uploaded("interrupted"), 5*time.Second)
		time.Sleep(time.Second)
		go func() { answered <- c.post(uploaded("saved"), 5*time.Second) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(context.Background(), 2*time.Second, errGrace)
		defer cancel()
		if err := c.Shutdown(ctx); !errors.Is(err, errGrace) {
			t.Errorf("Shutdown: %v", err)
		}
		c.at(5 * time.Second)
		wantEqual(t, "what it finished", <-answered, http.StatusOK)
		wantEqual(t, "unfinished", c.Status().Unfinished, 1)
		wantEqual(t, "letters", len(c.letters()), 0) // VOD tries it again, at the next process
		c.wantLog("event not finished", 1)
		c.wantLog(strings.ReplaceAll(uploaded("interrupted"), `"`, `\"`), 1)
	})
}

// What VOD will not try again is given up as ever.
func TestShutdownBuriesWhatVODHasTriedThreeTimes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newBurier(t, handler(func(ctx context.Context, _ events.Event) error { <-ctx.Done(); return ctx.Err() }), nil)
		for range 3 {
			c.post(uploaded("1"), 5*time.Second)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = c.Shutdown(ctx)
		wantEqual(t, "letters", len(c.letters()), 1)
		wantEqual(t, "unfinished", c.Status().Unfinished, 0)
	})
}

func TestShutdownLogsWhatWaitsForVODsNextTry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newBurier(t, []worker.Handler{failing(always, 0, &counter{})}, nil)
		c.post(uploaded("1"), 5*time.Second)
		c.stop()
		c.at(5 * time.Second)
		wantEqual(t, "unfinished", c.Status().Unfinished, 1)
		c.wantLog("event not finished", 1)
		time.Sleep(time.Hour)
		wantEqual(t, "letters", len(c.letters()), 0)
	})
}

func TestShutdownKeepsItsBoundWhateverHangs(t *testing.T) {
	for name, c := range map[string]func(t *testing.T, block chan struct{}) *caller{
		"a handler": func(t *testing.T, block chan struct{}) *caller {
			return newCaller(t, handler(func(context.Context, events.Event) error { <-block; return nil }), callback.Options{})
		},
		"the dead letters": func(t *testing.T, block chan struct{}) *caller {
			return newCaller(t, []worker.Handler{rejecting}, callback.Options{DeadLetters: &worker.DeadLetters{
				Write: func(context.Context, worker.DeadLetter) error { <-block; return nil },
			}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				block := make(chan struct{})
				c := c(t, block)
				go c.post(uploaded("1"), 0)
				synctest.Wait()
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				_ = c.Shutdown(ctx)
				c.at(25 * time.Second)
				c.wantLog("event not finished", 1)
				close(block)
			})
		})
	}
}

// Servers accept no more while handlers finish, what those finish is answered, and what is idle is closed.
func TestShutdownStopsTheServersToo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{failing(0, 4*time.Second, &counter{})}, callback.Options{})
		l := pipe.Listen()
		server := &http.Server{Handler: c.Receiver}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(l) }()
		dial := func() (net.Conn, error) { return l.Dial(t.Context(), "", "") }
		busy, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer busy.Close()
		answered := make(chan int, 1)
		go func() {
			io.WriteString(busy, request(uploaded("1"), len(uploaded("1"))))
			answered <- status(t, busy, bufio.NewReader(busy))
		}()
		slow, err := dial() // has begun with a request, and sends no more
		if err != nil {
			t.Fatal(err)
		}
		defer slow.Close()
		io.WriteString(slow, "POST / HTTP/1.1\r\n")
		time.Sleep(time.Second)
		stopped := make(chan struct{})
		go func() { c.stop(server); close(stopped) }()
		synctest.Wait()
		if _, err := dial(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("one more connection: %v", err)
		}
		wantEqual(t, "status", <-answered, http.StatusOK)
		<-stopped
		c.at(5 * time.Second) // 4 s, and 1 s for those that are slow
		wantEqual(t, "who was slow", status(t, slow, bufio.NewReader(slow)), noAnswer)
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}
