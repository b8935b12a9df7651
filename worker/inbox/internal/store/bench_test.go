package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func BenchmarkTurnSQLite(b *testing.B) {
	s := openFile(b, filepath.Join(b.TempDir(), "inbox.db"))
	defer func() { _ = s.Close() }()
	benchmarkTurn(b, s)
}

// benchmarkTurn makes turns as they are at VOD's ceiling, with so many handlers and events: each event is stored in one, claimed in
// it, and done in the next. What is told is the time of an event.
func benchmarkTurn(b *testing.B, s Store) {
	body := []byte(strings.Repeat("x", 4096))
	for _, size := range []struct{ handlers, events, waiting int }{{1, 1, 0}, {1, 16, 0}, {1, 64, 0}, {3, 16, 0}, {3, 64, 0}, {1, 16, 20_000}} {
		b.Run(fmt.Sprintf("handlers=%d/events=%d/waiting=%d", size.handlers, size.events, size.waiting), func(b *testing.B) {
			for range size.waiting / 500 { // with a backlog a turn takes no longer
				fill := Turn{Me: "me"}
				for range 500 {
					fill.Events = append(fill.Events, Event{ID: rand.Text(), Handlers: []string{"h0"}})
				}
				if _, err := s.Turn(b.Context(), fill); err != nil {
					b.Fatal(err)
				}
			}
			t := Turn{Me: "me"}
			var handlers []string
			for h := range size.handlers {
				handlers = append(handlers, fmt.Sprint("h", h))
				t.Claims = append(t.Claims, Claim{Handler: handlers[h], Most: size.events, Suspect: h == 0})
			}
			for b.Loop() {
				t.Events = t.Events[:0]
				for range size.events {
					t.Events = append(t.Events, Event{ID: rand.Text(), Body: body, Handlers: handlers})
				}
				done, err := s.Turn(context.Background(), t)
				if err != nil {
					b.Fatal(err)
				}
				t.Ends = t.Ends[:0]
				for _, jobs := range done.Claimed {
					for _, j := range jobs {
						t.Ends = append(t.Ends, End{Job: j.Number, Run: j.Run, To: Finished})
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size.events), "µs/event")
		})
	}
}
