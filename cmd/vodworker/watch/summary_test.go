package watch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

func TestASummaryCountsWhatHappenedSinceTheLastOne(t *testing.T) {
	s := newStage(pulling)
	s.play(t, func() {
		s.wantSaid(t, "info running")
		s.change(func(s *stage) {
			s.status.Summary = worker.Summary{Pulled: 9, Handled: 5, Confirmed: 5, Failed: 2, Left: 1, DeadLettered: 1}
		})
		pass(10 * time.Minute)
		s.wantSaid(t, "info summary")
		s.change(func(s *stage) {
			s.status = worker.Status{
				Summary: worker.Summary{Pulled: 12, Handled: 6, Unmatched: 1, Confirmed: 5, Failed: 2, Left: 1, DeadLettered: 1, Unconfirmed: 1},
				Waiting: 1, Handling: 2, Writing: 3, Confirming: 4, DownNow: []string{"backend"},
				Failing: fmt.Errorf("pull events: %w", &tencent.Error{Code: "InternalError", RequestID: "8e1f"}),
			}
		})
		pass(10 * time.Minute)
		want := []line{{
			"level": "info", "message": "summary", "pulled": 3., "handled": 1., "confirmed": 0., "failed": 0., "left": 0.,
			"dead_lettered": 0., "abandoned": 0., "unconfirmed": 1., "in_flight": 10., "down": []any{"backend"}, "error": "pull events: InternalError",
			"request_id": "8e1f", "unmatched": 1.,
		}}
		if diff := cmp.Diff(want, s.said(t)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// What was pulled was stored, so that its handlers have summaries of their own.
func TestEachHandlerBehindAnInboxHasASummary(t *testing.T) {
	s := newStage(pulling)
	for name, did := range map[string]worker.Summary{"slow": {Pulled: 3, Handled: 2, Confirmed: 2}, "idle": {}} {
		s.behind = append(s.behind, watch.Behind{Handler: name, Status: func() worker.Status { return worker.Status{Summary: did, Handling: 1} }})
	}
	s.play(t, func() {
		pass(10 * time.Minute)
		said := s.said(t)
		if len(said) != 2 || said[1]["handler"] != "slow" || said[1]["handled"] != 2. || said[1]["in_flight"] != 1. || said[1]["message"] != "summary" {
			t.Errorf("it said %v", said)
		}
	})
}

func TestWhereNothingHappensThereIsNoSummary(t *testing.T) {
	s := newStage(pulling)
	s.play(t, func() {
		s.change(func(s *stage) { s.status.Pulled = 1 })
		pass(time.Hour)
		s.wantSaid(t, "info running", "info summary")
	})
}
