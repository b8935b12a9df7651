package nats

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
)

func TestWhereNobodyIsNothingIsReachedAndNoTimeIsSatOut(t *testing.T) {
	s := open(t, good(func(o *Options) { o.Servers = []string{"nats://" + brokertest.FreeAddress(t)} }))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if err := s.Handle(ctx, upload("1", "h")); !worker.IsUnreachable(err) {
		t.Errorf("Handle: %v", err)
	}
	if _, err := s.Reach(ctx); !errors.Is(err, sink.ErrUnreached) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Reach: %v", err)
	}
	if _, err := s.Risks(ctx); !errors.Is(err, sink.ErrUnreached) {
		t.Errorf("Risks: %v", err)
	}
}

// Somebody listens, and says nothing.
func TestCloseEndsAnAttemptToConnect(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := open(t, good(func(o *Options) { o.Servers = []string{"nats://" + listener.Addr().String()} }))
	over := errors.New("the lease is over")
	ctx, cancel := context.WithCancelCause(t.Context())
	handled := make(chan error)
	go func() { handled <- s.Handle(ctx, upload("1", "h")) }()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cancel(over)
	if err := <-handled; !errors.Is(err, over) || worker.IsUnreachable(err) {
		t.Errorf("Handle: %v", err)
	}
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > connectTimeout/2 {
		t.Errorf("Close has waited %v for a server", took)
	}
}

func TestNothingIsPublishedOnceTheTimeIsOver(t *testing.T) {
	s := open(t, good(asIs))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if err := s.Handle(ctx, upload("1", "h")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if s.last != nil {
		t.Error("it has tried to connect")
	}
}

// The events are larger than what the system takes for a server that reads nothing.
func TestAWriteThatHangsHoldsUpNeitherHandleNorClose(t *testing.T) {
	b := newServer(t, current(t), "")
	s := open(t, b.options(asIs))
	if err := s.Handle(t.Context(), upload("1", "h")); err != nil {
		t.Fatal(err)
	}
	large := make([]events.Event, 3)
	for n := range large {
		large[n] = events.Split(fmt.Appendf(nil, `[{"EventType":"NewFileUpload","n":%d,"a":"%s"}]`, n, strings.Repeat("x", maxPayload*3/4)))[0]
	}
	b.Freeze()
	defer b.Thaw()
	end := time.Now().Add(writeTimeout / 2) // on a slow machine, to read them takes seconds
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	var all sync.WaitGroup
	for _, large := range large {
		all.Go(func() {
			if err := s.Handle(ctx, large); !worker.IsUnreachable(err) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if late := time.Since(end); late > 4*time.Second {
		t.Errorf("it was over %v after the end", late)
	}
}

func TestNobodyConnectsAfterClose(t *testing.T) {
	s := open(t, good(asIs))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.link(t.Context()); err == nil || s.last != nil {
		t.Errorf("%v, and an attempt that nobody ends: %v", err, s.last != nil)
	}
}

// A password that has changed is taken from its file, and with it events flow again.
func TestALostConnectionIsMadeAgainWithTheLoginOfThen(t *testing.T) {
	b := newServer(t, current(t), "")
	var log strings.Builder
	password := secret
	s := open(t, b.options(func(o *Options) {
		o.PasswordFile = "f"
		o.ReadSecret = func(string) (string, error) { return password, nil }
		o.Log = zerolog.New(&log)
	}))
	if err := s.Handle(t.Context(), upload("1", "h")); err != nil {
		t.Fatal(err)
	}
	b.Stop()
	b.Start()
	<-s.last.link.closed
	password = "another"
	if err := s.Handle(t.Context(), upload("2", "h")); !worker.IsUnreachable(err) {
		t.Errorf("with a wrong password: %v", err)
	}
	password = secret
	flows(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if lost, again := strings.Count(log.String(), "was lost"), strings.Count(log.String(), "again"); lost != 1 || again != 1 {
		t.Errorf("the log says it %d and %d times, want once each:\n%s", lost, again, &log)
	}
}

// What several handlers publish is another event each time, and a redelivery is not.
func TestTheStreamDropsWhatIsPublishedTwice(t *testing.T) {
	b := newServer(t, current(t), "")
	for _, subject := range []string{"vod.{type}", "vod.copy"} {
		s := open(t, b.options(func(o *Options) { o.Subject = subject }))
		for _, handle := range []string{"h1", "h1", "h2"} {
			if err := s.Handle(t.Context(), upload("1", handle)); err != nil {
				t.Error(err)
			}
		}
		if n := len(s.last.link.waiting); n > 0 {
			t.Errorf("%d are waited for still", n)
		}
		s.Close()
	}
	all, err := b.read()
	if err != nil || len(all) != 2 {
		t.Errorf("%d messages, %v, want one for each subject", len(all), err)
	}
}
