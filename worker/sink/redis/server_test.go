package redis_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// A server is Debian's redis-server in a process of its own. What it accepts is on its disk, unless args say something else.
type server struct {
	*brokertest.Process
	t       testing.TB
	address string
	admin   *goredis.Client
}

func serve(t testing.TB, args ...string) *server {
	t.Helper()
	return serveBy(t, "--port", args...)
}

// serveBy serves at a port of that kind.
func serveBy(t testing.TB, kind string, args ...string) *server {
	t.Helper()
	brokertest.Need(t, "redis-server")
	s := &server{t: t, address: brokertest.FreeAddress(t)}
	_, port, _ := net.SplitHostPort(s.address)
	dir := t.TempDir()
	socket := filepath.Join(dir, "s") // for who may do everything, without TLS
	all := []string{"--bind", "127.0.0.1", "--dir", dir, "--appendonly", "yes", "--appendfsync", "always", "--save", "",
		"--port", "0", kind, port, "--unixsocket", socket}
	all = append(all, args...)
	s.admin = goredis.NewClient(&goredis.Options{
		Network: "unix", Addr: socket, MaxRetries: -1, PoolSize: 1 << 10, Password: adminPassword(args),
	})
	t.Cleanup(func() { _ = s.admin.Close() })
	s.Process = brokertest.Start(t, func() error {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return err
		}
		_ = conn.Close()
		return s.admin.Ping(context.Background()).Err()
	}, func() *exec.Cmd { return exec.Command("redis-server", all...) })
	return s
}

func adminPassword(args []string) string {
	for i, arg := range args {
		if arg == "--requirepass" {
			return args[i+1]
		}
	}
	return ""
}

func (s *server) url() string { return "redis://" + s.address }

// do ends the test if the server answers with an error.
func (s *server) do(args ...any) any {
	s.t.Helper()
	answer, err := s.admin.Do(context.Background(), args...).Result()
	if err != nil {
		s.t.Fatalf("%v: %v", args, err)
	}
	return answer
}

// entries returns the fields of all entries of that stream.
func (s *server) entries(stream string) (all [][]string, err error) {
	got, err := s.admin.XRange(context.Background(), stream, "-", "+").Result()
	for _, message := range got {
		var entry []string
		for name, value := range message.Values {
			entry = append(entry, name, fmt.Sprint(value))
		}
		all = append(all, entry)
	}
	return all, err
}

// held waits for what is being closed.
func (s *server) held() (n int, err error) {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		list, err := s.admin.ClientList(context.Background()).Result()
		if err != nil {
			return 0, err
		}
		if n = strings.Count(list, "laddr="+s.address); n == 0 || time.Now().After(deadline) {
			return n, nil
		}
	}
}

func TestItIsASinkAtAServer(t *testing.T) {
	brokertest.Need(t, "redis-server")
	sinktest.Run(t, func(t *testing.T) sinktest.Harness {
		s := serve(t, "--requirepass", login.Password)
		return sinktest.Harness{
			Sink:   open(t, redis.Options{URL: s.url(), BrokerOptions: sink.BrokerOptions{Username: "default", Password: login.Password}}),
			HasIDs: true, Secrets: []string{login.Password},
			Arrived: func() ([]sinktest.Arrival, error) {
				entries, err := s.entries("vod")
				return arrivals(entries), err
			},
			Hang:  func() (over func()) { s.Freeze(); return s.Thaw },
			Leave: func() (over func()) { s.Stop(); return s.Start },
			Break: func() (over func()) {
				s.do("set", "vod", "no stream")
				return func() { s.do("del", "vod") }
			},
			Traces: func() (string, error) {
				keys, err := s.admin.Keys(context.Background(), "*").Result()
				sort.Strings(keys)
				return strings.Join(keys, " "), err
			},
			Held: s.held,
		}
	})
}

func TestItKeepsWhatAllBrokersPromise(t *testing.T) {
	brokertest.Need(t, "redis-server")
	brokertest.Run(t, func(t *testing.T) brokertest.Harness { return serve(t, "--proto-max-bulk-len", "1048576").harness(t) })
}

func TestServe(t *testing.T) {
	brokertest.Serve(t, func(t *testing.T) (handler string, h brokertest.Harness) {
		s := serve(t)
		return fmt.Sprintf("redis: {url: %q, stream: vod}", s.url()), s.harness(t)
	})
}

func (s *server) harness(t *testing.T) brokertest.Harness {
	return brokertest.Harness{
		Open: func() sink.Sink { return open(t, redis.Options{URL: s.url()}) },
		OpenNamed: func() sink.Sink {
			return open(t, redis.Options{URL: s.url(), Stream: "vod.{type}", BrokerOptions: sink.BrokerOptions{UnknownTypes: sink.UnknownTypesAsIs}})
		},
		Read: func() (all []brokertest.Message) {
			entries, err := s.entries("vod")
			named, more := s.entries("vod.NewFileUpload")
			if err := errors.Join(err, more); err != nil {
				t.Fatal(err)
			}
			for _, entry := range append(entries, named...) {
				m := brokertest.Message{Header: map[string]string{}}
				for i := 0; i < len(entry); i += 2 {
					m.Header[entry[i]] = entry[i+1]
				}
				m.ID, m.Body = m.Header["vod-event-id"], []byte(m.Header["body"])
				delete(m.Header, "body")
				all = append(all, m)
			}
			return all
		},
		Server: s, Delete: func() { s.do("del", "vod") },
		Make:     func() {}, // the first event does
		TooLarge: 1<<20 + 1,
	}
}
