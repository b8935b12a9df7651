package watch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker/tencent"
)

func TestTheStartSaysWhatRunsAndNoSecret(t *testing.T) {
	s := newStage(pulling)
	s.start.DeadLetters, s.start.Callback, s.start.Inbox = "dir dead", ":8080", "sqlite:///inbox.db, kept 24h, window 1h"
	s.play(t, func() {
		said := s.said(t)
		want := []line{{
			"level": "info", "message": "running", "version": "v1", "endpoint": "https://vod.example.com",
			"applications": []any{"default: PULL, upload on, delete off, persistence off"}, "handlers": []any{"all: stdout"},
			"key_from": "TENCENTCLOUD_SECRET_ID", "concurrency": 64., "dead_letters": "dir dead", "callback": ":8080",
			"inbox": "sqlite:///inbox.db, kept 24h, window 1h",
		}}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if strings.Contains(fmt.Sprint(said), "hunter2") {
			t.Error("it shows a secret")
		}
	})
}

func TestTheStartWaitsASecondAtMost(t *testing.T) {
	s := newStage(tencent.Settings{Mode: tencent.ModePush})
	s.slow = 3 * time.Second
	s.start.KeyFrom = func(ctx context.Context) string { <-ctx.Done(); return "" }
	s.play(t, func() {
		pass(999 * time.Millisecond)
		s.wantSaid(t)
		pass(time.Millisecond)
		said := s.said(t)
		if len(said) != 1 || said[0]["key_from"] != "not known" || fmt.Sprint(said[0]["applications"]) != "[default: mode not known]" {
			t.Errorf("after a second it said %v", said)
		}
		if said[0]["dead_letters"] != "none" {
			t.Errorf("it does not say that there is no place for dead letters: %v", said)
		}
		pass(2 * time.Second)
		s.wantSaid(t, "warn "+lost)
	})
}

func TestAWatchThatEndsAtOnceHasSaidWhatRan(t *testing.T) {
	s := newStage(pulling)
	s.slow = time.Minute
	s.play(t, func() {})
	s.wantSaid(t, "info running")
}
