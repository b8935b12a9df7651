package redis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

func upload(n int) events.Event {
	return event(fmt.Sprintf(`{"EventHandle":"h","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, n))
}

func TestAnEntryHasTheBodyAndTheHeaders(t *testing.T) {
	f := newFake(t)
	var command []string
	f.answers(func(c []string) string {
		if slices.Contains(c, "body") {
			command = c
		}
		return ""
	})
	e := upload(7)
	e.SubAppID = 1500000001
	if err := closing(t, redis.Options{URL: f.url() + "/2", Stream: "{{vod}.{type}", MaxLen: 9}).Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	want := []string{"xadd", "{vod}.NewFileUpload", "maxlen", "~", "9", "*", "content-type", "application/json", "vod-event-type", "NewFileUpload",
		"vod-event-id", e.ID(), "vod-file-id", "7", "vod-sub-app-id", "1500000001", "body", string(e.Body())}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Equal(command, want) || f.count("SELECT") != 1 {
		t.Errorf("%q, want %q", command, want)
	}
}

// An event of which the answer has come is accepted, whatever becomes of those behind it.
func TestAConnectionThatIsLostTakesNothingBack(t *testing.T) {
	f := newFake(t)
	n := 0
	f.answers(func(c []string) string {
		if slices.Contains(c, "body") {
			if n++; n == 3 {
				return cut
			}
		}
		return ""
	})
	errs := closing(t, redis.Options{URL: f.url()}).Together(t.Context(), upload(1), upload(2), upload(3), upload(4))
	for i, err := range errs {
		if i < 2 && err != nil || i >= 2 && !worker.IsUnreachable(err) {
			t.Errorf("event %d: %v", i, err)
		}
	}
}

func TestAnErrorIsOneEvents(t *testing.T) {
	f := newFake(t)
	n := 0
	f.answers(func(c []string) string {
		if n++; slices.Contains(c, "body") && n%2 == 0 {
			return "-WRONGTYPE no"
		}
		return ""
	})
	errs := closing(t, redis.Options{URL: f.url()}).Together(t.Context(), upload(1), upload(2), upload(3), upload(4))
	for i, err := range errs {
		if (err == nil) != (errs[(i+2)%4] == nil) || (err == nil) == (errs[(i+1)%4] == nil) || err != nil && !worker.IsUnreachable(err) {
			t.Errorf("event %d: %v", i, err)
		}
	}
}

// Sent again, it would lie there twice.
func TestAnEventWithoutAnAnswerIsSentOnce(t *testing.T) {
	for name, spoil := range map[string]func(f *fake) (over func()){
		"it is lost": func(f *fake) (over func()) { return f.answers(lose) },
		"it hangs":   func(f *fake) (over func()) { return f.hang() },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			to := closing(t, redis.Options{URL: f.url()})
			over := spoil(f)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err := to.Handle(ctx, upload(1))
			over()
			if err == nil {
				t.Fatal("no error")
			}
			if err := to.Handle(t.Context(), upload(2)); err != nil {
				t.Fatal(err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if n := f.count("XADD"); n != 2 {
				t.Errorf("%d were sent, want each once", n)
			}
		})
	}
}

// A server that is gone without a word, or a firewall that has forgotten the connection.
func TestAConnectionWithoutAnswersIsGivenUp(t *testing.T) {
	t.Parallel() // it takes a second
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url()})
	defer f.hang()()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for range 2 { // on each connection
		go func() { _ = to.Handle(ctx, upload(1)) }()
	}
	f.await("XADD", 2)
	f.mu.Lock()
	f.hangs = nil // on new ones only
	f.mu.Unlock()
	long, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := to.Handle(long, upload(2)); err != nil {
		t.Error(err)
	}
}

// It is the same when an event's time is long, and what took over from a server that is gone is there already.
func TestAConnectionThatIsSilentIsGivenUp(t *testing.T) {
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url()})
	to.SetSilence(100 * time.Millisecond)
	defer f.hang()()
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- to.Handle(t.Context(), upload(1)) }()
	}
	f.await("XADD", 2)
	f.mu.Lock()
	f.hangs = nil // on new ones only
	f.mu.Unlock()
	for range 3 {
		if err := to.Handle(t.Context(), upload(2)); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if err := <-done; !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "no answer") {
			t.Error(err)
		}
	}
}

func TestPipelinesAreBounded(t *testing.T) {
	const k = 1 << 10
	got := redis.Pipelines(3, 300*k, 212*k, 1, 512*k, 1, 512*k-1, 2, 2, 2, 2, 513*k, 1)
	want := "[[307200 217088] [1] [524288] [1 524287] [2 2 2] [2] [525312] [1]]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// lose answers nothing, and ends the connection.
func lose(c []string) string {
	if slices.Contains(c, "body") {
		return cut
	}
	return ""
}

func TestTheEndOfOneTimeHarmsNoNeighbour(t *testing.T) {
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url()})
	over := f.hang()
	mine, cancel := context.WithCancel(t.Context())
	done := make(chan error, 4)
	for i, ctx := range []context.Context{mine, t.Context()} {
		go func() { done <- to.Handle(ctx, upload(i)) }()
		f.await("XADD", i+1)
	}
	// Both connections wait for answers: these are not sent.
	for i := range 2 {
		go func() { done <- to.Handle(mine, upload(2+i)) }()
	}
	cancel()
	for range 3 {
		if err := <-done; !errors.Is(err, context.Canceled) || worker.IsUnreachable(err) {
			t.Errorf("of an ended context: %v", err)
		}
	}
	over()
	if err := <-done; err != nil {
		t.Errorf("of the neighbour: %v", err)
	}
	if err := to.Handle(t.Context(), upload(4)); err != nil {
		t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.count("XADD"); n != 3 {
		t.Errorf("%d were sent, want the two and the last", n)
	}
}

func TestWhatTheServerRefusesIsThePlacesFault(t *testing.T) {
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url()})
	for text, want := range map[string]string{
		"WRONGTYPE Operation against a key":               "name another",
		"OOM command not allowed":                         "raise maxmemory",
		"READONLY You can't write against a read only":    "connect to its primary",
		"NOREPLICAS Not enough good replicas to write.":   "min-replicas-to-write",
		"CLUSTERDOWN The cluster is down":                 "CLUSTERDOWN",
		"LOADING Redis is loading the dataset in memory":  "it is starting",
		"MOVED 3999 127.0.0.1:6381":                       "does not speak to",
		"NOAUTH Authentication required.":                 "username",
		"NOPERM this user has no permissions":             "+xadd",
		"MISCONF Errors writing to the AOF file":          "its log",
		"ERR something else":                              "something else",
		"ERR one\x1b[1mline" + strings.Repeat("x", 1_000): "one [1mline",
	} {
		over := f.refuses(text)
		err := to.Handle(t.Context(), upload(1))
		over()
		if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), want) || len(err.Error()) > 500 {
			t.Errorf("%s: %v, want %s in it", text, err, want)
		}
	}
}

func TestAnEventLargerThanTheServerTakesIsItsOwnFault(t *testing.T) {
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url()})
	for size, fits := range map[int]bool{1 << 19: true, 1<<20 + 1: true, 1<<21 - 100: true, 1 << 21: false} {
		err := to.Handle(t.Context(), event(`{"EventType":"X","a":"`+strings.Repeat("x", size)+`"}`))
		if fits && err != nil || !fits && !worker.IsPermanent(err) {
			t.Errorf("%d bytes: %.200v", size, err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.count("XADD"); n != 3 {
		t.Errorf("%d were sent, want those that fit", n)
	}
}

func TestATypeThatNoKeyMayHaveIsTheEventsFault(t *testing.T) {
	to := closing(t, redis.Options{URL: "redis://127.0.0.1:1", Stream: "vod.{type}",
		BrokerOptions: sink.BrokerOptions{UnknownTypes: sink.UnknownTypesAsIs}})
	if err := to.Handle(t.Context(), event(`{"EventType":"a b"}`)); !worker.IsPermanent(err) {
		t.Error(err)
	}
}

// A late is a context that has ended when f has seen an event, and tells nobody.
type late struct {
	context.Context
	f *fake
}

func (l late) Done() <-chan struct{} { return nil }

func (l late) Err() error {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.f.count("XADD") > 0 {
		return context.Canceled
	}
	return nil
}

// The next try would find out nothing else.
func TestWhatIsKnownOfAnEventIsSaidThoughItsTimeIsOver(t *testing.T) {
	f := newFake(t)
	defer f.refuses("ERR Protocol error: invalid bulk length")()
	if err := closing(t, redis.Options{URL: f.url()}).Handle(late{t.Context(), f}, upload(1)); !worker.IsPermanent(err) {
		t.Error(err)
	}
}
