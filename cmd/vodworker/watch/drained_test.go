package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

func TestADrainEndsWithOneLineForAllApplications(t *testing.T) {
	seven, eight := newStage(pulling), newStage(pulling)
	seven.app.SubAppID, eight.app.SubAppID = 7, 8
	var drains watch.Drains
	drains.Add(&eight.app, worker.Summary{Pulled: 2, Handled: 1, Confirmed: 1, Failed: 1, Down: []string{"b", "a"}}, 4)
	drains.Add(&seven.app, worker.Summary{Pulled: 2, Handled: 1, Unmatched: 1, Confirmed: 2, Down: []string{"a"}}, 4)
	drains.Say(t.Context(), seven.app.Log.Warn(), worker.DrainOptions{}, 4)
	want := []line{{
		"level": "warn", "message": "drained", "pulled": 4., "handled": 2., "confirmed": 3., "failed": 1., "left": 0., "dead_lettered": 0.,
		"abandoned": 0., "unconfirmed": 0., "unmatched": 1., "down": []any{"a", "b"}, "exit_code": 4., "codes": map[string]any{"7": 4., "8": 4.},
	}}
	if diff := cmp.Diff(want, seven.said(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What was pulled is stored, and what is handled comes out of the inbox: two sums, which are not one.
func TestADrainTellsOfTheInboxBesideTheApplications(t *testing.T) {
	s := newStage(pulling)
	var drains watch.Drains
	drains.Add(&s.app, worker.Summary{}, 0)
	if drains.Pulled() {
		t.Error("nothing has come")
	}
	drains.AddInbox(worker.Summary{Pulled: 3, Handled: 2, Confirmed: 2, Failed: 1, Limited: true, Down: []string{"a"}}, 4)
	if !drains.Pulled() {
		t.Error("something has come out of the inbox")
	}
	drains.Say(t.Context(), s.app.Log.Warn(), worker.DrainOptions{MaxEvents: 1, MaxDuration: time.Minute}, 4)
	none := func() map[string]any {
		return map[string]any{"pulled": 0., "handled": 0., "confirmed": 0., "failed": 0., "left": 0., "dead_lettered": 0., "abandoned": 0.,
			"unconfirmed": 0., "unmatched": 0.}
	}
	want, behind := none(), none()
	behind["pulled"], behind["handled"], behind["confirmed"], behind["failed"] = 3., 2., 2., 1.
	for key, value := range map[string]any{
		"level": "warn", "message": "drained", "inbox": behind, "down": []any{"a"}, "exit_code": 4., "why": "--max-duration 1m0s",
		"codes": map[string]any{"0": 0., "inbox": 4.},
	} {
		want[key] = value
	}
	if diff := cmp.Diff([]line{want}, s.said(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestADrainSaysWhatEndedItEarly(t *testing.T) {
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("signal: terminated"))
	options := worker.DrainOptions{MaxEvents: 20, MaxDuration: time.Minute}
	for _, test := range []struct {
		ctx     context.Context
		summary worker.Summary
		want    any
	}{
		{t.Context(), worker.Summary{Pulled: 32}, nil},
		{stopped, worker.Summary{Pulled: 32}, nil},
		{stopped, worker.Summary{Pulled: 1, Limited: true}, "signal: terminated"},
		{t.Context(), worker.Summary{Pulled: 32, Limited: true}, "--max-events 20"},
		{t.Context(), worker.Summary{Pulled: 1, Limited: true}, "--max-duration 1m0s"},
	} {
		s := newStage(pulling)
		var drains watch.Drains
		drains.Add(&s.app, test.summary, 0)
		drains.Say(test.ctx, s.app.Log.Info(), options, 3)
		if said := s.said(t); said[0]["why"] != test.want || said[0]["codes"] != nil {
			t.Errorf("%+v: %v, want %v", test.summary, said, test.want)
		}
	}
}

func TestOnlyADrainThatGotNothingAsksForTheMode(t *testing.T) {
	lostly := tencent.Settings{Mode: tencent.ModePush, Upload: true}
	for name, test := range map[string]struct {
		stage   func(*stage)
		summary worker.Summary
		code    int
		asked   int
		want    []string
	}{
		"PULL":            {func(s *stage) { s.settings = pulling }, worker.Summary{}, 0, 1, nil},
		"PUSH":            {func(*stage) {}, worker.Summary{}, 0, 1, []string{newStage(lostly).app.Trouble(lostly)}},
		"PUSH to run":     {func(s *stage) { s.app.Receives = ":8080" }, worker.Summary{}, 0, 1, []string{newStage(lostly).app.Trouble(lostly)}},
		"events came":     {func(*stage) {}, worker.Summary{Pulled: 1}, 0, 0, nil},
		"a signal":        {func(s *stage) { s.stopped = true }, worker.Summary{Limited: true}, 3, 0, nil},
		"a limit":         {func(*stage) {}, worker.Summary{Limited: true}, 3, 1, []string{newStage(lostly).app.Trouble(lostly)}},
		"it failed":       {func(*stage) {}, worker.Summary{}, 69, 0, nil},
		"no permission":   {func(s *stage) { s.err = &tencent.Error{Reason: tencent.ReasonPermission} }, worker.Summary{}, 0, 1, nil},
		"it does not end": {func(s *stage) { s.slow = time.Hour }, worker.Summary{}, 0, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(lostly)
				test.stage(s)
				var drains watch.Drains
				drains.Add(&s.app, test.summary, test.code)
				begun := time.Now()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				if s.stopped {
					stop()
				}
				got := drains.Troubles(ctx, 2)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if took := time.Since(begun); took > 5*time.Second {
					t.Errorf("it took %v", took)
				}
				s.wantAsked(t, test.asked)
				s.wantSaid(t)
			})
		})
	}
}
