package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

func openTest(t *testing.T, url string) *postgresStore {
	t.Helper()
	s, err := newPostgres(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func turn(t *testing.T, s *postgresStore, of Turn) Done {
	t.Helper()
	done, err := s.Turn(context.Background(), of)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func some(n int) (events []Event) {
	for i := range n {
		events = append(events, Event{ID: fmt.Sprint("event", i), Body: []byte("{}"), Handlers: []string{"h"}})
	}
	return events
}

func TestPostgresKeepsItsPromises(t *testing.T) {
	server := postgrestest.Start(t)
	t.Run("tables are made once by eight who start together", func(t *testing.T) {
		url := server.Database("eight")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				s, err := newPostgres(context.Background(), url, Options{})
				if err != nil {
					t.Error(err)
					return
				}
				s.Close()
			})
		}
		all.Wait()
	})
	t.Run("whoever looks makes nothing", func(t *testing.T) {
		if _, err := newPostgres(t.Context(), server.Database("look"), Options{Look: true}); err == nil {
			t.Error("it has opened an inbox that is not there")
		}
	})
	t.Run("who may not make tables is told what to do, and tables of a newer program are refused", func(t *testing.T) {
		url := server.Database("strict")
		server.Exec("create role guest login")
		_, err := newPostgres(t.Context(), strings.Replace(url, "postgres@", "guest@", 1), Options{})
		if err == nil || !strings.Contains(err.Error(), "grant create on schema") {
			t.Errorf("%v", err)
		}
		s := openTest(t, url)
		if _, err := s.db.ExecContext(t.Context(), "grant select on all tables in schema public to guest"); err != nil {
			t.Fatal(err)
		}
		_, err = newPostgres(t.Context(), strings.Replace(url, "postgres@", "guest@", 1), Options{})
		if err == nil || !strings.Contains(err.Error(), "grant select, insert, update, delete") {
			t.Errorf("who may only look: %v", err)
		}
		if _, err := s.db.ExecContext(t.Context(), "update vodworker_inbox set version = version + 1"); err != nil {
			t.Fatal(err)
		}
		if _, err := newPostgres(t.Context(), url, Options{}); err == nil || !strings.Contains(err.Error(), "or a newer one") {
			t.Errorf("%v", err)
		}
	})
	t.Run("no error shows the password", func(t *testing.T) {
		for _, at := range []string{"127.0.0.1:1/x", "h:port/x", "h/x?sslmode=odd"} {
			if _, err := Open(t.Context(), "postgres://u:hunter2@"+at, Options{}); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("a turn that does not reach it says so in one line", func(t *testing.T) {
		s := openTest(t, server.Database("away"))
		s.config.Port = 1
		_ = s.db.Close()
		s.db = stdlib.OpenDB(*s.config)
		_, err := s.Turn(t.Context(), Turn{Me: "me", Beat: true, Join: true})
		if !errors.Is(err, ErrUnreached) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
	})
	t.Run("what is committed lasts, even where the database has it otherwise", func(t *testing.T) {
		url := server.Database("lasting")
		server.Exec("alter database lasting set synchronous_commit = off")
		lasts(t, openTest(t, url))
	})
	t.Run("who opens it is told what to do", func(t *testing.T) {
		url := server.Database("refusing")
		for more, want := range map[string]string{
			"&search_path=none":                 "make one, or change search_path",
			"&default_transaction_read_only=on": "name the primary",
			"&frobnicate=on":                    "look at its log",
		} {
			if _, err := Open(t.Context(), url+more, Options{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", more, err)
			}
		}
	})
	t.Run("two claim side by side, and none twice", func(t *testing.T) { claimBeside(t, server.Database("beside")) })
	t.Run("a dead process's jobs wait again, and its late end is fenced", func(t *testing.T) {
		fenced(t, server.Database("fenced"))
	})
	t.Run("a claim that nobody heard of is given back after a crash", func(t *testing.T) { crashed(t, server) })
}

// lasts makes each change, and the database refuses those that would not last.
func lasts(t *testing.T, s *postgresStore) {
	run(t, s.db, `create function lasts() returns trigger language plpgsql as $$ begin
		if current_setting('synchronous_commit') <> 'on' or current_setting('statement_timeout') = '0' then
			raise exception 'it would not last';
		end if;
		return null;
	end $$`)
	for _, table := range []string{"event", "job", "process"} {
		run(t, s.db, `create trigger lasts after insert or update or delete on vodworker_`+table+` execute function lasts()`)
	}
	dead, done := event("dead", "a", "b", "c"), event("done", "h")
	dead.Reason = "failed"
	j := turn(t, s, Turn{Me: "me", Join: true, Events: []Event{dead, done}, Claims: []Claim{{Handler: "h", Most: 1}}}).Claimed[0][0]
	turn(t, s, Turn{Me: "me", Ends: []End{{Job: j.Number, Run: j.Run, To: Finished}}})
	_, revived := s.Revive(t.Context(), "dead", []string{"a"})
	_, settled := s.Settle(t.Context(), "dead", []DeadEnd{{Handler: "b", Done: true}})
	s.ahead.Store(1000)
	_, cleaned := s.Clean(t.Context(), 0)
	if err := errors.Join(revived, settled, s.Purge(t.Context(), "dead"), cleaned); err != nil {
		t.Error(err)
	}
}

func claimBeside(t *testing.T, url string) {
	stores := []*postgresStore{openTest(t, url), openTest(t, url)}
	if n := turn(t, stores[0], Turn{Me: "0", Join: true, Events: some(200)}).Stored; n != 200 {
		t.Fatalf("%d stored", n)
	}
	turn(t, stores[1], Turn{Me: "1", Join: true})
	var lock sync.Mutex
	seen := map[int64]bool{}
	var both sync.WaitGroup
	for me, s := range stores {
		both.Go(func() {
			for {
				done, err := s.Turn(context.Background(), Turn{Me: fmt.Sprint(me), Claims: []Claim{{Handler: "h", Most: 8}}})
				if err != nil {
					t.Error(err)
					return
				}
				if len(done.Claimed[0]) == 0 {
					return
				}
				lock.Lock()
				for _, j := range done.Claimed[0] {
					if seen[j.Number] {
						t.Errorf("job %d was claimed twice", j.Number)
					}
					seen[j.Number] = true
				}
				lock.Unlock()
			}
		})
	}
	both.Wait()
	if len(seen) != 200 {
		t.Errorf("%d of 200 were claimed", len(seen))
	}
}

func fenced(t *testing.T, url string) {
	s := openTest(t, url)
	claim := []Claim{{Handler: "h", Most: 8}}
	old := turn(t, s, Turn{Me: "old", Join: true, Events: some(2), Claims: claim}).Claimed[0]
	s.ahead.Store((Silence + time.Second).Milliseconds())
	if gave := turn(t, s, Turn{Me: "new", Join: true, GiveBack: true}).Gave; gave != 2 {
		t.Fatalf("%d given back", gave)
	}
	// What waits for anybody is not held up by who has lost it.
	turn(t, s, Turn{Me: "old", Ends: []End{{Job: old[0].Number, Run: 1, To: Waiting, After: time.Hour}}})
	again := turn(t, s, Turn{Me: "new", Claims: claim}).Claimed[0]
	if len(again) != 2 || again[0].Run != 2 {
		t.Fatalf("%+v", again)
	}
	if !turn(t, s, Turn{Me: "old", Beat: true}).Lost {
		t.Error("it does not hear that it was taken for dead")
	}
	turn(t, s, Turn{Me: "old", Ends: []End{{Job: old[0].Number, Run: 1, To: Waiting}, {Job: old[1].Number, Run: 1, To: Finished}}})
	if n := len(turn(t, s, Turn{Me: "other", Claims: claim}).Claimed[0]); n != 0 {
		t.Errorf("%d runs were ended by an old one", n)
	}
	turn(t, s, Turn{Me: "new", Ends: []End{{Job: again[0].Number, Run: 2, To: Finished}}})
	if n := len(turn(t, s, Turn{Me: "new", Forgotten: true, Claims: claim}).Claimed[0]); n != 1 {
		t.Errorf("%d of 1 that is not finished", n)
	}
}

// A clock that is set forward makes all seem silent: nobody is to take others for dead by that.
func TestNobodyIsTakenForDeadSinceTheClockJumped(t *testing.T) {
	s := openTest(t, postgrestest.Start(t).Database("jumped"))
	turn(t, s, Turn{Me: "other", Join: true, Events: some(1), Claims: []Claim{{Handler: "h", Most: 1}}})
	turn(t, s, Turn{Me: "me", Join: true})
	s.ahead.Store(time.Hour.Milliseconds())
	if done := turn(t, s, Turn{Me: "me", Beat: true, GiveBack: true}); done.Gave != 0 || !done.Jumped {
		t.Errorf("after the jump: %+v", done)
	}
	if turn(t, s, Turn{Me: "other", Beat: true}).Lost {
		t.Error("the other was taken for dead")
	}
	if done := turn(t, s, Turn{Me: "me", Beat: true, GiveBack: true}); done.Gave != 0 || done.Jumped {
		t.Errorf("later: %+v", done)
	}
}

func crashed(t *testing.T, server *postgrestest.Server) {
	s := openTest(t, server.Database("crashed"))
	claim := []Claim{{Handler: "h", Most: 1}}
	held := turn(t, s, Turn{Me: "me", Join: true, Events: some(2), Claims: claim}).Claimed[0]
	turn(t, s, Turn{Me: "me", Claims: claim}) // nobody hears of it
	server.Stop(syscall.SIGQUIT)
	if _, err := s.Turn(t.Context(), Turn{Me: "me", Beat: true}); err == nil {
		t.Fatal("a turn without a server succeeds")
	}
	server.Restart()
	done := turn(t, s, Turn{
		Me: "me", Beat: true, Forgotten: true, Held: []Ref{{held[0].Number, held[0].Run}}, Claims: []Claim{{Handler: "h", Most: 8}},
	})
	if len(done.Claimed[0]) != 1 || done.Claimed[0][0].Number == held[0].Number || done.Claimed[0][0].Starts != 1 {
		t.Errorf("%+v", done)
	}
}

func BenchmarkTurnPostgres(b *testing.B) {
	s, err := newPostgres(b.Context(), postgrestest.Start(b).Database("bench"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Turn(b.Context(), Turn{Me: "me", Beat: true, Join: true}); err != nil {
		b.Fatal(err)
	}
	benchmarkTurn(b, s)
}
