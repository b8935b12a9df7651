package rabbitmq_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

// outcome publishes a small event under a key.
func outcome(t *testing.T, s *rabbitmq.Sink, key string) error {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return s.Handle(ctx, upload(key, 1))
}

func TestTheBrokersAnswerIsTheOutcome(t *testing.T) {
	f := new(fake).start(t)
	s := f.sink(t, nil)
	for _, test := range []struct{ key, want string }{ // in this order
		{"good", ""},
		{refused, "RabbitMQ could not store it"},
		{noQueue, "no queue takes it: RabbitMQ returned it with 312 NO_ROUTE"},
		{forbidden, "RabbitMQ has closed the channel: 403 ACCESS_REFUSED - write access to topic 'forbidden' refused"},
		{"good", ""},
		{restarts, "RabbitMQ has closed the channel: 320 CONNECTION_FORCED"},
		{dropped, "the connection was lost"},
		{"good", ""},
	} {
		err := outcome(t, s, test.key)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.key, err)
		case test.want != "" && (!worker.IsUnreachable(err) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "someone")):
			t.Errorf("%s: got %v, want %s", test.key, err, test.want)
		}
	}
	if good, _ := f.times("good"); good != 3 {
		t.Errorf("it was published %d times", good)
	}
	err := outcome(t, s, blocks)
	for range 1000 { // that it is blocked is heard of a moment later
		if err != nil {
			break
		}
		err = outcome(t, s, "good")
	}
	if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "RabbitMQ takes no messages at the moment: low on memory") {
		t.Errorf("got %v", err)
	}
	fails := f.sink(t, func(o *rabbitmq.Options) { o.Unroutable = rabbitmq.UnroutableFails })
	if err := outcome(t, fails, noQueue); !worker.IsPermanent(err) {
		t.Errorf("got %v, want permanent", err)
	}
}

// A queue without a majority says neither yes nor no, as long as it lasts. Events for other queues go on, and are not doubled at each try.
func TestWhatWasReturnedIsForgotten(t *testing.T) {
	s := new(fake).start(t).sink(t, nil)
	for range 3 {
		if err := outcome(t, s, noQueue); !worker.IsUnreachable(err) {
			t.Errorf("got %v", err)
		}
	}
	if n := s.Returned(); n > 0 {
		t.Errorf("%d are remembered", n)
	}
}

func TestConfirmsThatComeLateEndNoConnection(t *testing.T) {
	f := new(fake).start(t)
	s := f.sink(t, func(o *rabbitmq.Options) { o.MaxInFlight = 8 })
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Handle(ctx, upload(late, 1)) }()
		<-f.came
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := outcome(t, s, all); err != nil {
			t.Error(err)
		}
		<-f.came
	}
	if _, connected := f.times(all); connected > 1 {
		t.Errorf("%d connections", connected)
	}
}

func TestAQueueThatNeverConfirmsDoesNotStopTheOthers(t *testing.T) {
	const inFlight, tries = 4, 40
	f := new(fake).start(t)
	var log strings.Builder // only events write into it, one after the other
	s := f.sink(t, func(o *rabbitmq.Options) { o.MaxInFlight, o.Log = inFlight, zerolog.New(&log) })
	lost, over := 0, errors.New("the lease is over")
	for range tries {
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Handle(ctx, upload(kept, 1)) }()
		select {
		case <-f.came:
		case err := <-ended: // the connection was ended in between
			lost++
			ended <- err
		case <-time.After(20 * time.Second):
			t.Fatal("there is no room for it")
		}
		cancel(over)
		if err := <-ended; !errors.Is(err, over) && !worker.IsUnreachable(err) {
			t.Errorf("got %v", err)
		}
		err := outcome(t, s, "good")
		if err != nil && !worker.IsUnreachable(err) {
			t.Fatalf("got %v", err)
		}
		if err != nil {
			lost++
			if err := outcome(t, s, "good"); err != nil {
				t.Errorf("at the second try: %v", err)
			}
		} else {
			<-f.came
		}
		for len(f.came) > 0 {
			<-f.came
		}
	}
	if !strings.Contains(log.String(), "RabbitMQ has not confirmed 5 events in their time") {
		t.Errorf("the log says %s", &log)
	}
	good, connected := f.times("good")
	if connected > 1+tries/inFlight || lost > 2*connected || good > tries+connected {
		t.Errorf("%d connections, %d failures, %d copies of %d good events", connected, lost, good, tries)
	}
}

// An event that closes the channel comes again and again. A broker that restarts is back at once.
func TestWhatClosesTheChannelIsSlowedDown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key  string
		want time.Duration
	}{{forbidden, 200 * time.Millisecond}, {restarts, 0}, {dropped, 0}} {
		s := new(fake).start(t).sink(t, nil)
		for range 3 {
			if err := outcome(t, s, "good"); err != nil {
				t.Fatalf("%s: a neighbour: %v", test.key, err)
			}
			if err := outcome(t, s, test.key); !worker.IsUnreachable(err) {
				t.Fatalf("%s: %v", test.key, err)
			}
		}
		if err := outcome(t, s, "good"); err != nil {
			t.Fatalf("%s: a neighbour: %v", test.key, err)
		}
		if got := s.Pause(); got != test.want {
			t.Errorf("%s: the last pause was %v, want %v", test.key, got, test.want)
		}
	}
}

// The fake agrees on a second, after one and a half of which the client must notice.
func TestABrokerThatSaysNothingIsLost(t *testing.T) {
	t.Parallel()
	f := &fake{heartbeat: 1, mute: true}
	err := outcome(t, f.start(t).sink(t, nil), kept)
	if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "the connection was lost") {
		t.Errorf("got %v", err)
	}
	usual := new(fake).start(t)
	if err := outcome(t, usual.sink(t, nil), "good"); err != nil || usual.agreed != 6 {
		t.Errorf("got %v, and a heartbeat of %d s", err, usual.agreed)
	}
}

// Whether a password is wrong or the broker restarts can't be told: it hangs up. After the login it has answered.
func TestWhoHangsUpInTheLoginIsNotBlamedForMore(t *testing.T) {
	for _, test := range []struct {
		at        method
		want      string
		unreached bool
	}{
		{connectionStartOK, "password: RabbitMQ has closed the connection during the login; look at the user and the password, or it is restarting", false},
		{connectionOpen, "has closed the connection during the login", true},
	} {
		f := (&fake{hangUpAt: test.at}).start(t)
		s := f.sink(t, func(o *rabbitmq.Options) { o.Username, o.Password = user, password })
		_, err := s.Reach(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, sink.ErrUnreached) != test.unreached {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
