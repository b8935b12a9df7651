package faults

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// A replica that can't reach the database, and does not hear that it can't, goes on with what it runs. Others run that again, and
// when it is back it cancels what it still runs of it.
func TestAReplicaThatIsCutOffEndsWhatOthersRun(t *testing.T) {
	begin(t)
	const events = 8
	finish := make(chan struct{})
	c := &receiver{}
	c.answer = func(ctx context.Context, r run) int {
		if r.process != "p1" {
			select {
			case <-finish:
				return http.StatusOK
			case <-ctx.Done():
				return 0
			}
		}
		<-ctx.Done()
		return 0
	}
	server := postgrestest.Start(t)
	w := newWire(t, fmt.Sprintf("127.0.0.1:%d", server.Port()))
	url := server.Database("cut")
	s := newStage(t, url, c, nil)
	cut := s.start("INBOX=" + strings.Replace(url, fmt.Sprintf("127.0.0.1:%d", server.Port()), w.Addr().String(), 1))
	s.upload(events)
	eventually(t, 30*time.Second, "the first replica runs all", c.has(events))
	other := s.start()
	eventually(t, 30*time.Second, "the other one is ready", func() bool { is, _ := other.ready(); return is })
	at := time.Now()
	w.gate.Lock()
	eventually(t, takenUp, "the other one runs all", c.has(2*events))
	t.Logf("run by another after %v", time.Since(at).Round(time.Millisecond))
	if is, why := cut.ready(); is || !strings.HasPrefix(strings.Join(why, " "), "inbox: ") {
		t.Errorf("what is cut off is ready: %v, %q", is, why)
	}
	time.Sleep(time.Until(at.Add(of(30*time.Second, time.Minute))))
	w.gate.Unlock()
	at = time.Now()
	eventually(t, 15*time.Second, "it is ready again", func() bool { is, _ := cut.ready(); return is })
	t.Logf("ready again after %v", time.Since(at).Round(time.Millisecond))
	eventually(t, 10*time.Second, "it cancels what it runs", func() bool {
		return c.count(func(r run) bool { return r.process == "p1" && r.left }) == events
	})
	close(finish)
	s.wantTwoRuns(c, events)
}
