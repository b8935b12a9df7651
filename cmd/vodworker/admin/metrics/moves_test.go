package metrics_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestWhatIsCountedIsWhatTheEmulatorSaw(t *testing.T) {
	second := func(_ context.Context, e events.Event) error {
		time.Sleep(2 * time.Second)
		if e.Type == events.FileDeleted {
			return errors.New("no")
		}
		return nil
	}
	play(t, worker.Options{}, []worker.Handler{to("a", done), to("b", second)}, func(s *stage) {
		for range 20 {
			s.Upload(0, "a.mp4")
		}
		s.Send(0, []byte(`{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["1"]}}`))
		s.Send(0, []byte(`{"EventType":"Novelty"}`))
	}, func(s *stage) {
		s.at(time.Second)
		s.want(`vodworker_slots{app="default",state="handling"}`, 22)
		s.want(`vodworker_application_up{app="default"}`, 1)
		s.at(20 * time.Second)
		stats := s.Stats(0)
		s.want(`vodworker_pulls_total{app="default",result="events"}`, 2)
		pulls, confirms := float64(stats.Calls["PullEvents"]), float64(stats.Calls["ConfirmEvents"])
		s.want(`vodworker_pulls_total{app="default",result="empty"}`, pulls-3) // one is out
		s.want(`vodworker_api_calls_total{action="PullEvents",app="default",code="ok"}`, pulls-1)
		s.want(`vodworker_api_seconds_count{action="PullEvents",app="default"}`, pulls-1)
		s.want(`vodworker_pull_events_bucket{app="default",le="15"}`, pulls-2)
		s.want(`vodworker_pull_events_sum{app="default"}`, 22)
		s.want(`vodworker_events_received_total{app="default",type="NewFileUpload"}`, 20)
		s.want(`vodworker_events_received_total{app="default",type="FileDeleted"}`, 1)
		s.want(`vodworker_events_received_total{app="default",type="other"}`, 1)
		s.want(`vodworker_handled_total{app="default",handler="a",outcome="ok"}`, 22)
		s.want(`vodworker_handled_total{app="default",handler="b",outcome="ok"}`, 21)
		s.want(`vodworker_handled_total{app="default",handler="b",outcome="failed"}`, 1)
		s.want(`vodworker_handler_seconds_sum{app="default",handler="b"}`, 44)
		s.want(`vodworker_wait_seconds_count{app="default"}`, 22)
		s.want(`vodworker_confirms_total{app="default",result="ok"}`, confirms)
		s.want(`vodworker_confirm_batch_size_sum{app="default"}`, float64(stats.Confirmed))
		s.want(`vodworker_lease_remaining_seconds_count{app="default"}`, float64(stats.Confirmed))
		s.want(`vodworker_lease_remaining_seconds_bucket{app="default",le="30"}`, 21)
		s.want(`vodworker_lease_remaining_seconds_bucket{app="default",le="25"}`, 0)
		s.want(`vodworker_api_calls_total{action="ConfirmEvents",app="default",code="ok"}`, confirms)
		for name, want := range map[string]time.Duration{"oldest_failing": 2 * time.Second, "last_successful_pull": 15 * time.Second, "last_event": 0} {
			at := metricstest.Scrape(t, s.Handler())["vodworker_"+name+`_timestamp_seconds{app="default"}`] - float64(s.began.Unix())
			if late := at - want.Seconds(); late < 0 || late > 0.1 {
				t.Errorf("%s: after %v s, want %v", name, at, want)
			}
		}
		s.want(`vodworker_slots{app="default",state="handling"}`, 0)
		s.want(`vodworker_rate_limit{action="PullEvents"}`, worker.DefaultRate)
	}).want(`vodworker_application_up{app="default"}`, 0)
}

func TestCallsThatFailAreCountedByTheirCode(t *testing.T) {
	play(t, worker.Options{}, []worker.Handler{to("a", done)}, func(s *stage) {
		s.Script(
			vodtest.Fault{Action: "PullEvents", First: 2, Last: 2, Code: "AuthFailure.SecretIdNotFound"},
			vodtest.Fault{Action: "PullEvents", First: 3, Last: 3, Code: "InternalError"},
			vodtest.Fault{Action: "PullEvents", First: 4, Last: 4, Code: "RequestLimitExceeded"},
			vodtest.Fault{Action: "PullEvents", First: 5, Last: 5, Code: "Novelty"},
			vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 1, Code: "InternalError.Db"},
			vodtest.Fault{Action: "ConfirmEvents", First: 2, Last: 2, Code: "InvalidParameterValue"},
		)
		s.Upload(0, "a.mp4")
	}, func(s *stage) {
		s.at(time.Minute)
		for code, n := range map[string]float64{"AuthFailure": 1, "InternalError": 1, "RequestLimitExceeded": 1, "other": 1, "http_5xx": 0} {
			s.want(`vodworker_api_calls_total{action="PullEvents",app="default",code="`+code+`"}`, n)
		}
		for result, n := range map[string]float64{"refused": 1, "failed": 2, "throttled": 1} {
			s.want(`vodworker_pulls_total{app="default",result="`+result+`"}`, n)
		}
		for code, n := range map[string]float64{"InternalError": 1, "InvalidParameter": 1} {
			s.want(`vodworker_api_calls_total{action="ConfirmEvents",app="default",code="`+code+`"}`, n)
		}
		for result, n := range map[string]float64{"refused": 1, "failed": 1, "ok": 1} {
			s.want(`vodworker_confirms_total{app="default",result="`+result+`"}`, n)
		}
	})
}

func TestTheLeaseLeftIsCountedBetweenTheRulesBorders(t *testing.T) {
	took := time.Duration(0)
	for _, test := range []struct {
		handling time.Duration
		inside   string // the first border that has it
		outside  string // the last one that has not
	}{
		{0, "30", "25"}, {10 * time.Second, "20", "15"}, {24 * time.Second, "10", "5"},
	} {
		took = test.handling
		play(t, worker.Options{}, []worker.Handler{to("a", func(context.Context, events.Event) error { time.Sleep(took); return nil })},
			func(s *stage) { s.Upload(0, "a.mp4") }, func(s *stage) {
				s.at(40 * time.Second)
				s.want(`vodworker_lease_remaining_seconds_bucket{app="default",le="`+test.inside+`"}`, 1)
				s.want(`vodworker_lease_remaining_seconds_bucket{app="default",le="`+test.outside+`"}`, 0)
			})
	}
}

func TestWhatIsStuckLostOrDownIsSeen(t *testing.T) {
	play(t, worker.Options{Concurrency: 1}, []worker.Handler{
		to("a", func(context.Context, events.Event) error { time.Sleep(time.Minute); return nil }),
		to("b", func(context.Context, events.Event) error { return worker.Unreachable(errors.New("no")) }),
	}, func(s *stage) {
		for range 3 {
			s.Upload(0, "a.mp4")
		}
	}, func(s *stage) {
		s.at(40 * time.Second)
		s.want(`vodworker_stuck_handlers{app="default"}`, 1)
		s.want(`vodworker_leases_lost_total{app="default",stage="waiting"}`, 2)
		s.want(`vodworker_leases_lost_total{app="default",stage="handling"}`, 1)
		s.want(`vodworker_left_total{app="default",reason="late"}`, 2)
		s.at(4 * time.Minute)
		s.want(`vodworker_handler_down{app="default",handler="b"}`, 1)
	})
}

func TestLettersAreCountedForEachHandlerThatTheyMiss(t *testing.T) {
	letters := &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error { return nil }}
	n := 0
	wants := to("a", func(context.Context, events.Event) error {
		if n++; n == 2 { // it handles others
			return worker.Permanent(errors.New("no"))
		}
		return nil
	})
	wants.Types = []string{"NewFileUpload"}
	play(t, worker.Options{Concurrency: 1, DeadLetters: letters, Unmatched: worker.UnmatchedDeadLetter}, []worker.Handler{wants}, func(s *stage) {
		for range 3 {
			s.Upload(0, "a.mp4")
		}
		s.Send(0, []byte(`{"EventType":"Novelty"}`))
	}, func(s *stage) {
		s.at(5 * time.Minute)
		s.want(`vodworker_dead_letters_total{app="default",handler="a",reason="permanent"}`, 1)
		s.want(`vodworker_dead_letters_total{app="default",handler="",reason="unmatched"}`, 1)
		s.want(`vodworker_dead_letters_total{app="default",handler="b",reason="permanent"}`, 0)
	})
}
