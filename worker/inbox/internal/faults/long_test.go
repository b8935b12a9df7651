package faults

import (
	"context"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestAHandlerThatTakesLongerThanTheWindowIsRunOnce(t *testing.T) {
	begin(t)
	long := of(40*time.Second, 2*time.Minute) // VOD's window is 30 s
	c := &receiver{answer: func(ctx context.Context, _ run) int {
		if !after(ctx, long) {
			return 0
		}
		return http.StatusOK
	}}
	var mu sync.Mutex
	var pulled, confirmed time.Time
	s := newStage(t, "sqlite://"+filepath.Join(t.TempDir(), "inbox.db"), c, func(call vodtest.Call) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case call.Action == "PullEvents" && len(call.Handles) > 0:
			pulled = time.Now()
		case call.Action == "ConfirmEvents" && len(call.Confirmed) > 0:
			confirmed = time.Now()
		}
	})
	s.upload(1)
	s.start()
	eventually(t, long+30*time.Second, "the event is done", func() bool {
		return c.count(succeeded) > 0 && s.allDone(1)
	})
	runs, stats := c.byFile(), s.emulator.Stats(0)
	for _, r := range runs {
		if len(r) != 1 || confirmed.IsZero() || !confirmed.Before(r[0].ended) {
			t.Errorf("confirmed at %v; runs: %+v", confirmed, r)
		}
	}
	if stats.Delivered != 1 || len(runs) != 1 {
		t.Errorf("handed out: %+v; run: %+v", stats, runs)
	}
	t.Logf("confirmed %v after it was pulled, handled for %v", confirmed.Sub(pulled).Round(time.Millisecond), long)
}
