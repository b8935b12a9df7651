package faults

import (
	"context"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// What one replica runs is run by another while it is frozen. Half of that is done, half goes on, when it wakes up and fails.
func TestAReplicaThatWasFrozenUndoesNothing(t *testing.T) {
	begin(t)
	const events = 8
	woken, finish := make(chan struct{}), make(chan struct{})
	c := &receiver{}
	c.answer = func(ctx context.Context, r run) int {
		waitFor, status := woken, http.StatusInternalServerError
		if r.process != "p1" {
			waitFor, status = finish, http.StatusOK
			if c.count(succeeded) < events/2 {
				return status
			}
		}
		select {
		case <-waitFor:
			return status
		case <-ctx.Done():
			return 0
		}
	}
	s := newStage(t, postgrestest.Start(t).Database("frozen"), c, nil)
	frozen := s.start()
	s.upload(events)
	eventually(t, 30*time.Second, "the first replica runs all", c.has(events))
	other := s.start()
	eventually(t, 30*time.Second, "the other one is ready", func() bool { is, _ := other.ready(); return is })
	at := time.Now()
	frozen.signal(syscall.SIGSTOP)
	eventually(t, takenUp, "the other one runs all", c.has(2*events))
	t.Logf("run by another after %v", time.Since(at).Round(time.Millisecond))
	time.Sleep(time.Until(at.Add(of(30*time.Second, time.Minute))))
	close(woken)
	frozen.signal(syscall.SIGCONT)
	eventually(t, 10*time.Second, "it notices", func() bool { return frozen.said("others run its events") == 1 })
	time.Sleep(5 * time.Second) // for what it might do wrong
	close(finish)
	s.wantTwoRuns(c, events)
	if is, why := frozen.ready(); !is {
		t.Errorf("after it woke up it is not ready: %q", why)
	}
}
