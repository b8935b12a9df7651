package store

import (
	"context"
	"slices"
	"testing"
	"time"
)

// A user is a process that makes turns.
type user struct {
	t     *testing.T
	open  func(Options) Store
	ahead time.Duration // of the clock
	store Store
	me    string
	most  int
}

func event(id string, handlers ...string) Event {
	return Event{ID: id, App: 1, Type: "T", Body: []byte(id), Handlers: handlers}
}

func (u *user) reopen() {
	u.t.Helper()
	if err := u.store.Close(); err != nil {
		u.t.Fatal(err)
	}
	u.store = u.open(Options{ahead: u.ahead})
}

func (u *user) turn(turn Turn) Done {
	u.t.Helper()
	turn.Me = u.me
	done, err := u.store.Turn(context.Background(), turn)
	if err != nil || done.Lost {
		u.t.Fatalf("turn: %v, lost %t", err, done.Lost)
	}
	return done
}

func (u *user) stores(want int, events ...Event) {
	u.t.Helper()
	if done := u.turn(Turn{Events: events}); done.Stored != want {
		u.t.Fatalf("stored %d, want %d", done.Stored, want)
	}
}

func (u *user) claims(handler string, want ...string) []Job {
	u.t.Helper()
	jobs := u.turn(Turn{Claims: []Claim{{Handler: handler, Most: u.most, Suspect: true}}}).Claimed[0]
	if got := ids(jobs); !slices.Equal(got, want) {
		u.t.Fatalf("claimed for %s: %v, want %v", handler, got, want)
	}
	return jobs
}

// pass moves the clock.
func (u *user) pass(d time.Duration) {
	u.ahead += d
	switch s := u.store.(type) {
	case *sqliteStore:
		s.ahead.Store(u.ahead.Milliseconds())
	case *postgresStore:
		s.ahead.Store(u.ahead.Milliseconds())
	}
}

// crash ends the process, and returns what the next one hears of what it ran.
func (u *user) crash() Done {
	u.t.Helper()
	u.me += "+"
	u.pass(Silence + time.Second)
	u.reopen()
	return u.turn(Turn{Beat: true, Join: true, GiveBack: true})
}

func ids(jobs []Job) (all []string) {
	for _, j := range jobs {
		all = append(all, j.Event.ID)
	}
	return all
}
