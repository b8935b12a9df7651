package redis_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

func TestAReplicaHasWhatIsAccepted(t *testing.T) {
	primary := serve(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := net.SplitHostPort(primary.address)
	replica := serve(t, "--replicaof", host+" "+port)
	to := closing(t, redis.Options{URL: primary.url(), Replicas: 1})
	if err := to.Handle(t.Context(), upload(1)); err != nil { // it waits for the first connection
		t.Fatal(err)
	}
	for n := range 100 {
		if err := to.Handle(t.Context(), upload(n)); err != nil {
			t.Fatal(err)
		}
		if entries, err := replica.entries("vod"); err != nil || len(entries) != n+2 {
			t.Fatalf("%d are accepted, and the replica has %d: %v", n+2, len(entries), err)
		}
	}
	replica.Freeze()
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if err := to.Handle(ctx, upload(1)); !errors.Is(err, context.DeadlineExceeded) || worker.IsUnreachable(err) {
			t.Errorf("no replica answers: %v", err)
		}
	}
	if n, err := primary.admin.XLen(t.Context(), "vod").Result(); err != nil || n > 103 {
		t.Errorf("%d entries, %v, want one more on each connection at most: the others were not to count", n, err)
	}
	replica.Thaw()
	if err := to.Handle(t.Context(), upload(2)); err != nil {
		t.Error(err)
	}
	primary.do("config", "set", "min-replicas-to-write", "2")
	if err := to.Handle(t.Context(), upload(3)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "NOREPLICAS") {
		t.Error(err)
	}

	wrong := closing(t, redis.Options{URL: replica.url()})
	if err := wrong.Handle(t.Context(), upload(3)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "connect to its primary") {
		t.Error(err)
	}
	_, err := wrong.Reach(t.Context())
	if option, is := errors.AsType[*sink.OptionError](err); !is || option.Key != "url" {
		t.Error(err)
	}
	risks, err := wrong.Risks(t.Context())
	if err != nil || !slices.ContainsFunc(risks, func(r string) bool { return strings.Contains(r, "is a replica") }) {
		t.Errorf("%q, %v", risks, err)
	}
}

func TestRisksOfAServer(t *testing.T) {
	s := serve(t)
	to := closing(t, redis.Options{URL: s.url()})
	if risks, err := to.Risks(t.Context()); err != nil || len(risks) > 0 {
		t.Errorf("%q, %v", risks, err)
	}
	for _, change := range []struct{ key, value, want string }{
		{"appendfsync", "everysec", "last second"}, {"appendfsync", "no", "half a minute"},
		{"maxmemory-policy", "allkeys-lfu", "noeviction"}, {"appendonly", "no", "appendonly yes"},
	} {
		s.do("config", "set", "appendonly", "yes", "appendfsync", "always", "maxmemory-policy", "noeviction", "maxmemory", "100mb")
		s.do("config", "set", change.key, change.value)
		if risks, err := to.Risks(t.Context()); err != nil || len(risks) != 1 || !strings.Contains(risks[0], change.want) {
			t.Errorf("%s %s: %q, %v", change.key, change.value, risks, err)
		}
	}
}

// A user who may not see the server's limit, and an event of which only the server knows that it is too large.
func TestAServerThatTellsNoLimitHarmsNoOther(t *testing.T) {
	s := serve(t, "--proto-max-bulk-len", "1048576")
	s.do("acl", "setuser", "vod", "on", ">hunter2", "~vod", "+xadd", "+ping")
	to := closing(t, redis.Options{URL: s.url(), BrokerOptions: sink.BrokerOptions{Username: "vod", Password: "hunter2"}})
	over := make(chan struct{})
	var neighbours sync.WaitGroup
	for first := range 16 {
		neighbours.Go(func() {
			for n := first; ; n += 16 {
				select {
				case <-over:
					return
				default:
				}
				if err := to.Handle(t.Context(), upload(n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	large := event(`{"EventType":"X","a":"` + strings.Repeat("x", 1<<21) + `"}`)
	for range 8 {
		if err := to.Handle(t.Context(), large); !worker.IsPermanent(err) && !worker.IsUnreachable(err) { // permanent, if the answer has come before the end of the connection
			t.Error(err)
		}
	}
	close(over)
	neighbours.Wait()
}

func TestAStreamIsKeptShort(t *testing.T) {
	s := serve(t)
	to := closing(t, redis.Options{URL: s.url(), MaxLen: 100})
	for n := range 1_000 {
		if err := to.Handle(t.Context(), upload(n)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.admin.XLen(t.Context(), "vod").Result(); err != nil || n < 100 || n > 250 {
		t.Errorf("%d entries, %v, want about 100", n, err)
	}
}
