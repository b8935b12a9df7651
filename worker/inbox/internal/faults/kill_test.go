package faults

import (
	"context"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

const (
	takenUp   = 30 * time.Second // from a kill until what it ran is begun again: the silence, a beat, and some more
	unwritten = time.Second      // by which what has ended is written
)

// busy is a receiver that takes its time.
func busy(longest time.Duration) *receiver {
	return &receiver{answer: func(ctx context.Context, _ run) int {
		if !after(ctx, rand.N(longest)) {
			return 0
		}
		return http.StatusOK
	}}
}

func TestAProcessThatIsKilledLosesNothingInSQLite(t *testing.T) {
	begin(t)
	kills, events := of(10, 50), of(500, 5000)
	s := newStage(t, "sqlite://"+filepath.Join(t.TempDir(), "inbox.db"), busy(300*time.Millisecond), nil)
	audit := newAudit(s)
	go audit.produce(t.Context(), events, time.Duration(kills)*1500*time.Millisecond)
	for range kills {
		p := s.start()
		time.Sleep(rand.N(3 * time.Second))
		p.kill()
		audit.killed(p)
	}
	s.start()
	audit.finish(events)
}

func TestReplicasThatAreKilledLoseNothingInPostgres(t *testing.T) {
	begin(t)
	kills, events := of(10, 50), of(500, 5000)
	s := newStage(t, postgrestest.Start(t).Database("kills"), busy(time.Second), nil)
	audit := newAudit(s)
	replicas := []*process{s.start(), s.start(), s.start()}
	go audit.produce(t.Context(), events, time.Duration(kills)*3*time.Second)
	// One of them gives back what the others ran: it must have lived for a while to be trusted. Each is it in its turn, and is
	// spared before that, too.
	const turn = 60 * time.Second
	for begun, n := time.Now(), 0; n < kills; n++ {
		time.Sleep(time.Second + rand.N(4*time.Second))
		at := time.Since(begun)
		spared := int(at/turn) % len(replicas)
		victim := (spared + 1 + rand.IntN(2)) % len(replicas)
		if at%turn > turn/2 {
			victim = (spared + 2) % len(replicas)
		}
		replicas[victim].kill()
		audit.killed(replicas[victim])
		replicas[victim] = s.start()
	}
	audit.finish(events)
}
