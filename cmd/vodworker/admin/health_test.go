package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// A queue is a Source whose polls are as poll says, from one call to the next.
type queue struct {
	poll  atomic.Pointer[func(context.Context) (worker.Batch, error)]
	hands atomic.Int64 // events given out
}

func (q *queue) Pull(ctx context.Context) (worker.Batch, error) { return (*q.poll.Load())(ctx) }

func (q *queue) Confirm(context.Context, []string) error { return nil }

func (q *queue) now(poll func(context.Context) (worker.Batch, error)) { q.poll.Store(&poll) }

// full gives one event to each poll.
func (q *queue) full(context.Context) (worker.Batch, error) {
	time.Sleep(time.Second)
	n := q.hands.Add(1)
	event, err := events.Decode(fmt.Appendf(nil, `{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["%d"]}}`, n))
	event.Handle = fmt.Sprint(n)
	return worker.Batch{Events: []events.Event{event}}, err
}

// empty holds each poll as VOD does.
func empty(ctx context.Context) (worker.Batch, error) {
	select {
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
	}
	return worker.Batch{}, ctx.Err()
}

func failing(err error) func(context.Context) (worker.Batch, error) {
	return func(context.Context) (worker.Batch, error) { return worker.Batch{}, err }
}

// A probed worker is one whose health is asked for.
type probed struct {
	*queue
	server *Server
	stop   func()
}

// probe has a worker run in a bubble while act looks at its health.
func probe(t *testing.T, handle func(context.Context, events.Event) error, act func(p *probed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &probed{queue: &queue{}, server: &Server{}}
		p.now(empty)
		w, err := worker.New(p.queue, []worker.Handler{{Name: "h", Handle: handle}}, &worker.Options{Concurrency: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		p.stop = stop
		p.server.Begin(Process{
			Applications: []Application{{Name: "default", Window: 30 * time.Second, Status: w.Status}}, Stopping: ctx.Done(),
		})
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		defer func() { <-ended }()
		defer stop()
		act(p)
	})
}

// want fails unless the probes answer so for as long as d, asked every 10 s.
func (p *probed) want(t *testing.T, d time.Duration, live, ready bool, why string) {
	t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(10 * time.Second) {
		synctest.Wait()
		for name, wanted := range map[string]bool{"livez": live, "readyz": ready} {
			ok, reasons := p.ask(t, name)
			if ok != wanted || !ok && !strings.Contains(reasons, why) {
				t.Fatalf("%s: %t %s, want %t %s", name, ok, reasons, wanted, why)
			}
		}
		if !time.Now().Before(end) {
			return
		}
	}
}

func (p *probed) ask(t *testing.T, name string) (ok bool, reasons string) {
	t.Helper()
	answer := httptest.NewRecorder()
	handle := map[string]http.HandlerFunc{"livez": p.server.livez, "readyz": p.server.readyz}[name]
	handle(answer, httptest.NewRequest(http.MethodGet, "/"+name, nil))
	var got struct {
		OK      bool
		Reasons []string
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || got.OK != (answer.Code == http.StatusOK) {
		t.Fatalf("%s: %d %s: %v", name, answer.Code, answer.Body, err)
	}
	return got.OK, strings.Join(got.Reasons, ", ")
}

func done(context.Context, events.Event) error { return nil }

func TestAnIdleWorkerIsLiveAndReady(t *testing.T) {
	probe(t, done, func(p *probed) {
		p.want(t, 0, true, false, "starting")
		time.Sleep(5 * time.Second)
		p.want(t, time.Hour, true, true, "")
	})
}

func TestAWorkerIsLiveAndReadyWhileTheAPIIsAway(t *testing.T) {
	probe(t, done, func(p *probed) {
		p.now(failing(errors.New("no route to host")))
		time.Sleep(6 * time.Second) // the first poll may have begun before, and be held
		p.want(t, time.Hour, true, true, "")
	})
}

func TestAWorkerWhoseKeyIsRefusedIsLiveAndNotReady(t *testing.T) {
	probe(t, done, func(p *probed) {
		p.now(p.full)
		time.Sleep(10 * time.Second)
		p.want(t, 0, true, true, "")
		p.now(failing(fmt.Errorf("AuthFailure: %w", worker.ErrFatal)))
		time.Sleep(10 * time.Second)
		p.want(t, time.Hour, true, false, "application default: AuthFailure")
		p.now(empty)
		time.Sleep(time.Minute)
		p.want(t, 0, true, true, "")
	})
}

func TestAWorkerWhoseHandlerIsDownIsLiveAndReady(t *testing.T) {
	for name, handle := range map[string]func(context.Context, events.Event) error{
		"it fails at once":   func(context.Context, events.Event) error { return errors.New("no") },
		"it is not reached":  func(context.Context, events.Event) error { return worker.Unreachable(errors.New("no")) },
		"it takes its lease": func(ctx context.Context, _ events.Event) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			probe(t, handle, func(p *probed) {
				p.now(p.full)
				time.Sleep(10 * time.Second)
				p.want(t, time.Hour, true, true, "")
			})
		})
	}
}

func TestAWorkerWithEveryPlaceStuckIsNotLive(t *testing.T) {
	var release chan struct{}
	probe(t, func(context.Context, events.Event) error { <-release; return nil }, func(p *probed) {
		release = make(chan struct{}) // of the bubble
		p.now(p.full)
		time.Sleep(10 * time.Second)
		p.want(t, 10*time.Second, true, true, "")
		time.Sleep(time.Minute)
		if ok, why := p.ask(t, "livez"); ok || !strings.Contains(why, "hold every place") {
			t.Errorf("livez: %t %s", ok, why)
		}
		close(release)
		time.Sleep(10 * time.Second)
		p.want(t, 0, true, true, "")
	})
}

func TestAWorkerWhosePollDoesNotEndIsNotLive(t *testing.T) {
	probe(t, done, func(p *probed) {
		time.Sleep(10 * time.Second)
		released := make(chan struct{})
		p.now(func(context.Context) (worker.Batch, error) { <-released; return worker.Batch{}, nil })
		time.Sleep(2*time.Minute + 50*time.Second)
		p.want(t, 0, true, true, "")
		time.Sleep(20 * time.Second)
		if ok, why := p.ask(t, "livez"); ok || !strings.Contains(why, "no poll has ended for 3m") {
			t.Errorf("livez: %t %s", ok, why)
		}
		close(released)
		p.now(empty)
		time.Sleep(10 * time.Second)
		p.want(t, 0, true, true, "")
	})
}

func TestAStoppingWorkerIsLiveAndNotReady(t *testing.T) {
	probe(t, func(context.Context, events.Event) error { time.Sleep(10 * time.Second); return nil }, func(p *probed) {
		p.now(p.full)
		time.Sleep(10 * time.Second)
		p.stop()
		p.want(t, 0, true, false, "stopping")
	})
}

func TestBeforeItHasBegunAProcessIsLiveAndNotReady(t *testing.T) {
	p := &probed{server: &Server{}}
	if live, why := p.ask(t, "livez"); !live {
		t.Error(why)
	}
	if ready, why := p.ask(t, "readyz"); ready || why != "starting" {
		t.Error(ready, why)
	}
}

func TestAReceiverIsLiveWhileItTakesConnections(t *testing.T) {
	inner, err := Listen(Options{Listen: "127.0.0.1:0"}) // any that listens
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	p := &probed{server: &Server{}}
	p.server.Begin(Process{Callback: inner.listener.Addr(), Stopping: stop})
	for _, name := range []string{"livez", "readyz"} {
		if ok, why := p.ask(t, name); !ok {
			t.Errorf("%s: %s", name, why)
		}
	}
	if err := inner.Close(); err != nil {
		t.Fatal(err)
	}
	if live, why := p.ask(t, "livez"); live || !strings.Contains(why, "no connection is taken") {
		t.Errorf("livez: %t %s", live, why)
	}
	close(stop)
	if live, why := p.ask(t, "livez"); !live {
		t.Errorf("it stops, and livez says %s", why)
	}
}

// What can't store events is not ready, and a restart would not help; one helps against handlers that hold every place for good.
func TestAnInboxThatFailsIsNotReadyAndOneThatIsHeldUpDoesNotLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var status inbox.Status
		p := &probed{server: &Server{}}
		p.server.Begin(Process{Inbox: func() inbox.Status { return status }, InboxWindow: time.Hour})
		p.want(t, 0, true, true, "")

		status.Failing, status.Since = errors.New("disk full"), time.Now()
		p.want(t, time.Minute, true, false, "inbox: disk full, since 2000-01-01T00:00:00Z")

		status = inbox.Status{Handlers: []inbox.HandlerStatus{{Handler: "h", Worker: worker.Status{State: worker.Running, Blocked: true}}}}
		p.want(t, 0, true, true, "") // nobody runs it here
		status.Handlers[0].Configured = true
		p.want(t, 0, false, true, "inbox, handler h: handlers that do not return hold every place")

		status.Handlers[0].Worker = worker.Status{State: worker.Running, LastPoll: time.Now()}
		p.want(t, 3*time.Hour, true, true, "") // each place may be held for a window
		time.Sleep(2 * time.Minute)
		p.want(t, 0, false, true, "inbox, handler h: no poll has ended for 3h2m")
		status.Handlers[0].Worker.State = worker.Stopping
		p.want(t, 0, true, true, "")
	})
}
