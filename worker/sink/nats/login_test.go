package nats

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
)

// The server says it on the connection, and gives no answer to what was published.
func TestWhoMayNotPublishIsToldSoAtOnce(t *testing.T) {
	for name, test := range map[string]struct{ permissions, want string }{
		"publish":   {`permissions: { publish: ["vod.Other", "$JS.API.>"], subscribe: "_INBOX.>" }`, "publish to vod.NewFileUpload"},
		"subscribe": {`permissions: { publish: ">", subscribe: "vod.>" }`, "subscribe to _INBOX.>"},
	} {
		t.Run(name, func(t *testing.T) {
			program := current(t)
			b := newServer(t, program, ", "+test.permissions)
			s := open(t, b.options(asIs))
			defer s.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began := time.Now()
			err := s.Handle(ctx, upload("1", "h"))
			if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), test.want) || time.Since(began) > 10*time.Second {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		})
	}
}

// It lets answers come to nobody, and then it does.
func TestOnceAnswersMayComeEventsFlowAgain(t *testing.T) {
	b := newServer(t, current(t), `, permissions: { publish: ">", subscribe: "vod.>" }`)
	s := open(t, b.options(asIs))
	defer s.Close()
	for n := range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		began := time.Now()
		if err := s.Handle(ctx, upload(fmt.Sprint(n), "h")); !worker.IsUnreachable(err) || !errors.Is(err, errDenied) || time.Since(began) > 10*time.Second {
			t.Errorf("event %d, after %v: %v", n, time.Since(began), err)
		}
		cancel()
	}
	b.permit("")
	flows(t, s)
}

// flows fails if it takes long until events are accepted.
func flows(t *testing.T, s *Sink) {
	t.Helper()
	err := errors.New("not tried")
	for end := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		err = s.Handle(ctx, upload("1", "h"))
		cancel()
	}
	if err != nil {
		t.Error(err)
	}
}

// It refuses the login at once, and events come as fast as that.
func TestAServerThatRefusesTheLoginIsNotAskedForEachEvent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var asked atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			_ = conn.Close()
		}
	}()
	s := open(t, good(func(o *Options) { o.Servers = []string{"nats://" + listener.Addr().String()} }))
	defer s.Close()
	began := time.Now()
	for range 4 {
		if err := s.Handle(t.Context(), upload("1", "h")); !worker.IsUnreachable(err) {
			t.Error(err)
		}
	}
	if got, most := asked.Load(), 1+int64(time.Since(began)/pause); got > most {
		t.Errorf("it was asked %d times, want %d at most", got, most)
	}
}

func TestOfSeveralServersTheOneIsHeardThatRefusesTheLogin(t *testing.T) {
	b := newServer(t, current(t), "")
	for range 10 { // they are tried in any order
		s := open(t, b.options(func(o *Options) {
			o.Servers, o.Password = append(o.Servers, "nats://"+brokertest.FreeAddress(t)), secret+"?"
		}))
		_, err := s.Reach(t.Context())
		if wrong, is := errors.AsType[*sink.OptionError](err); !is || wrong.Key != "password" || !strings.Contains(err.Error(), "connection refused") {
			t.Error(err)
		}
		s.Close()
	}
}

func TestWhoMayNotAskForTheStreamIsToldSo(t *testing.T) {
	b := newServer(t, current(t), `, permissions: { publish: "vod.>", subscribe: "_INBOX.>" }`)
	s := open(t, b.options(asIs))
	defer s.Close()
	if found, err := s.Reach(t.Context()); err != nil || !strings.Contains(found, "not permitted") {
		t.Errorf("Reach: %q, %v", found, err)
	}
	if risks, err := s.Risks(t.Context()); err == nil {
		t.Errorf("Risks: %q, and nobody could know", risks)
	}
	if err := s.Handle(t.Context(), upload("1", "h")); err != nil {
		t.Errorf("it may publish: %v", err)
	}
}

func TestReachBlamesTheOptionThatIsWrong(t *testing.T) {
	b := newServer(t, current(t), "")
	for key, change := range map[string]func(*Options){
		"password": func(o *Options) { o.Password = secret + "?" },
		"username": func(o *Options) { o.Username, o.Password = "", "" },
		"token":    func(o *Options) { o.Username, o.Password, o.Token = "", "", secret },
		"stream":   func(o *Options) { o.Stream = "OTHER" },
		"subject":  func(o *Options) { o.Subject = "other.{type}" },
		"servers":  func(o *Options) { o.Servers = []string{"tls://" + b.addr} },
	} {
		s := open(t, b.options(change))
		_, err := s.Reach(t.Context())
		if wrong, is := errors.AsType[*sink.OptionError](err); !is || wrong.Key != key || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", key, err)
		}
		if err := s.Handle(t.Context(), upload("1", "h")); !worker.IsUnreachable(err) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: Handle: %v", key, err)
		}
		s.Close()
	}
}
