package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

func TestPostgresFaultsFailTheTurnAndTheNextIsRight(t *testing.T) {
	server := postgrestest.Start(t)
	t.Run("its disk is full, at once or when it commits", func(t *testing.T) { fullServer(t, server.Database("full_disk")) })
	t.Run("it hangs", func(t *testing.T) { hangs(t, server.Database("hangs")) })
	t.Run("it is killed while turns are committed", func(t *testing.T) { killed(t, server) })
}

func fullServer(t *testing.T, url string) {
	s := openTest(t, url)
	run(t, s.db, `create function full_disk() returns trigger language plpgsql as
		$$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
	claim := []Claim{{Handler: "h", Most: 8}}
	j := turn(t, s, Turn{Me: "me", Join: true, Events: []Event{event("first", "h")}, Claims: claim}).Claimed[0][0]
	const at = `trigger fails after insert on vodworker_event `
	for n, when := range []string{at, `constraint ` + at + `deferrable initially deferred`} {
		run(t, s.db, `create `+when+` for each row execute function full_disk()`)
		_, err := s.Turn(t.Context(), Turn{
			Me: "me", Events: []Event{event(fmt.Sprint(n), "h")}, Ends: []End{{Job: j.Number, Run: j.Run, To: Finished}}, Claims: claim,
		})
		if !errors.Is(err, ErrUnreached) || !strings.Contains(err.Error(), "make room") {
			t.Errorf("%s: %v", when, err)
		}
		run(t, s.db, `drop trigger fails on vodworker_event`)
		done := turn(t, s, Turn{Me: "me", Forgotten: true, Held: []Ref{{j.Number, j.Run}}, Claims: claim})
		if len(done.Claimed[0]) != 0 {
			t.Errorf("%s: something of it is there: %+v", when, done)
		}
	}
}

// hangs stops the server's processes without ending them: their connections stay.
func hangs(t *testing.T, url string) {
	s := openTest(t, url)
	turn(t, s, Turn{Me: "me", Join: true, Events: some(1)})
	var pids []int
	rows, err := s.db.QueryContext(t.Context(), `select pid from pg_stat_activity where datname = current_database()`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if err := rows.Close(); err != nil || len(pids) == 0 {
		t.Fatalf("%v, %v", pids, err)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Skip(err)
		}
		defer syscall.Kill(pid, syscall.SIGCONT)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = s.Turn(ctx, Turn{Me: "me", Claims: []Claim{{Handler: "h", Most: 1}}})
	if took := time.Since(began); err == nil || took > 5*time.Second {
		t.Errorf("it ended after %s: %v", took, err)
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	done := turn(t, s, Turn{Me: "me", Forgotten: true, Claims: []Claim{{Handler: "h", Most: 1}}})
	if len(done.Claimed[0]) != 1 || done.Claimed[0][0].Starts != 1 {
		t.Errorf("%+v", done)
	}
}

// killed has every event of a turn that succeeded, whenever the server was killed, and each once.
func killed(t *testing.T, server *postgrestest.Server) {
	s := openTest(t, server.Database("killed"))
	turn(t, s, Turn{Me: "me", Join: true})
	for round := range rounds() {
		over, enough := make(chan int, 1), make(chan struct{})
		var failed error
		go func() {
			for n := 0; ; n++ {
				if n == 20+7*round {
					close(enough)
				}
				of := Turn{Me: "me", Events: []Event{event(fmt.Sprint(round, "-", n), "h")}}
				if _, failed = s.Turn(context.Background(), of); failed != nil {
					over <- n
					return
				}
			}
		}()
		<-enough
		server.Stop(syscall.SIGQUIT)
		n := <-over
		if !errors.Is(failed, ErrUnreached) {
			t.Errorf("%v", failed)
		}
		server.Restart()
		for i := range n + 1 {
			stored := turn(t, s, Turn{Me: "me", Events: []Event{event(fmt.Sprint(round, "-", i), "h")}}).Stored
			if i < n && stored != 0 {
				t.Fatalf("round %d: event %d of %d is lost", round, i, n)
			}
		}
		found, err := s.Find(t.Context(), fmt.Sprint(round, "-", n), 2)
		if err != nil || len(found) != 1 || len(found[0].Jobs) != 1 {
			t.Errorf("%+v, %v", found, err)
		}
	}
}

func rounds() int {
	n, _ := strconv.Atoi(os.Getenv("VODWORKER_ROUNDS"))
	return max(2, n)
}
