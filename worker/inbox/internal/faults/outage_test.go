package faults

import (
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// PostgreSQL crashes, and is away for longer than a process may be silent. Half of what is running ends meanwhile.
func TestAnOutageOfPostgresHasNothingRunTwice(t *testing.T) {
	begin(t)
	const running, meanwhile = 20, 5
	during, afterwards := make(chan struct{}), make(chan struct{})
	c := &receiver{}
	c.answer = func(ctx context.Context, _ run) int {
		waitFor := during
		switch n := c.count(func(run) bool { return true }); {
		case n > running:
			return http.StatusOK
		case n > running/2:
			waitFor = afterwards
		}
		select {
		case <-waitFor:
			return http.StatusOK
		case <-ctx.Done():
			return 0
		}
	}
	server := postgrestest.Start(t)
	s := newStage(t, server.Database("outage"), c, nil)
	replicas := []*process{s.start(), s.start()}
	for _, p := range replicas {
		eventually(t, 30*time.Second, "a replica is ready", func() bool { is, _ := p.ready(); return is })
	}
	s.upload(running)
	eventually(t, 30*time.Second, "all run", func() bool { return c.count(func(run) bool { return true }) == running })
	eventually(t, 10*time.Second, "all are confirmed", func() bool { return s.emulator.Stats(0).Confirmed == running })

	at, away := time.Now(), of(25*time.Second, 75*time.Second)
	server.Stop(syscall.SIGQUIT)
	s.upload(meanwhile)
	eventually(t, 10*time.Second, "half of them end", func() bool {
		if time.Since(at) < 3*time.Second {
			return false
		}
		select {
		case <-during:
		default:
			close(during)
		}
		return c.count(succeeded) >= running/2
	})
	time.Sleep(time.Until(at.Add(away)))
	if n := s.emulator.Stats(0).Confirmed; n != running {
		t.Errorf("%d events were confirmed while nothing could be stored", n-running)
	}
	for _, p := range replicas {
		if is, why := p.ready(); is || !strings.HasPrefix(strings.Join(why, " "), "inbox: ") {
			t.Errorf("%s is ready: %v, %q", p.name, is, why)
		} else {
			t.Logf("%s is not ready: %q", p.name, why)
		}
		least := 1 + int(away/time.Minute) // and one more if the error has changed
		if n := p.said("store events in the inbox failed"); n != least && n != least+1 {
			t.Errorf("%s has %d lines of it in %v", p.name, n, away)
		}
	}

	server.Restart()
	at = time.Now()
	for _, p := range replicas {
		eventually(t, 10*time.Second, "a replica is ready again", func() bool { is, _ := p.ready(); return is })
	}
	t.Logf("ready again after %v", time.Since(at).Round(time.Millisecond))
	time.Sleep(10 * time.Second) // for what they might do wrong
	close(afterwards)
	eventually(t, 2*time.Minute, "all is done", func() bool { return s.allDone(running + meanwhile) })
	t.Logf("all done after %v; warnings of each: %d, %d", time.Since(at).Round(time.Millisecond),
		replicas[0].said(`"level":"warn"`), replicas[1].said(`"level":"warn"`))
	for file, runs := range c.byFile() {
		if len(runs) != 1 {
			t.Errorf("%s was run %d times: %+v", file, len(runs), runs)
		}
	}
	if n := s.emulator.Stats(0).Confirmed; n != running+meanwhile {
		t.Errorf("%d events are confirmed", n)
	}
}
