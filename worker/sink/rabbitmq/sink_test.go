package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

func upload(file string, size int) events.Event {
	return events.Split(fmt.Appendf(nil, `[{"EventHandle":"h","EventType":"NewFileUpload","FileUploadEvent":{"FileId":%q},"SourceContext":%q}]`,
		file, strings.Repeat("x", size)))[0]
}

// What can never be published is known without the broker, which is not there.
func TestWhatCanNotBePublishedIsPermanent(t *testing.T) {
	for name, test := range map[string]struct {
		key   string
		event events.Event
	}{
		"too large":                    {"vod", upload("1", 1024)},
		"a file that is no name":       {"vod.{file_id}", upload("a.b", 1)},
		"a key longer than 255 bytes":  {"vod.{file_id}", upload(strings.Repeat("1", 252), 1)},
		"too large in its own message": {"vod", upload("1", 1014)},
	} {
		s := opened(t, rabbitmq.Options{URL: "amqp://127.0.0.1:1", RoutingKey: test.key, MaxMessageBytes: 1024})
		if err := s.Handle(t.Context(), test.event); !worker.IsPermanent(err) {
			t.Errorf("%s: got %v, want permanent", name, err)
		}
	}
}

// A try that fails is the answer to all who wait for it: 500 that each made one would take minutes.
func TestWithoutABrokerEventsAreUnreachableAtOnce(t *testing.T) {
	s := opened(t, rabbitmq.Options{URL: "amqp://127.0.0.1:1", RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{MaxInFlight: 500}})
	var all sync.WaitGroup
	began := time.Now()
	for range 500 {
		all.Go(func() {
			if err := s.Handle(t.Context(), upload("1", 1)); !worker.IsUnreachable(err) || !errors.Is(err, sink.ErrUnreached) {
				t.Errorf("got %v, want unreachable", err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// silent accepts connections and says nothing.
func silent(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reading.Go(func() { io.Copy(io.Discard, conn); conn.Close() })
		}
	})
	t.Cleanup(func() { listener.Close(); reading.Wait() })
	return listener.Addr().String()
}

func TestASilentBrokerHoldsNeitherHandleNorClose(t *testing.T) {
	s := open(t, rabbitmq.Options{URL: "amqp://" + silent(t), RoutingKey: "vod"})
	over := errors.New("the lease is over")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, over)
	defer cancel()
	began := time.Now()
	if err := s.Handle(ctx, upload("1", 1)); !errors.Is(err, over) || worker.IsUnreachable(err) {
		t.Errorf("got %v, want the end of the time", err)
	}
	if _, err := s.Reach(ctx); !errors.Is(err, sink.ErrUnreached) {
		t.Errorf("got %v, want not reached", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
