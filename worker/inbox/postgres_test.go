package inbox_test

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// Its handlers end while the database is away.
func TestTwoProcessesRunEachEventOnceThoughTheDatabaseGoesAway(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database("inbox")
	const all = 400
	var mu sync.Mutex
	runs := map[string]int{}
	release := make(chan struct{})
	handlers := []worker.Handler{{Name: "h", Handle: func(_ context.Context, e events.Event) error {
		mu.Lock()
		runs[e.FileID()]++
		mu.Unlock()
		<-release
		return nil
	}}}
	var inboxes []*inbox.Inbox
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 2 {
		i, err := inbox.Open(t.Context(), handlers, inbox.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		inboxes = append(inboxes, i)
		running.Go(func() {
			if err := i.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	var storing sync.WaitGroup
	for n := range all {
		storing.Go(func() {
			e, _ := events.Decode(fmt.Appendf(nil, `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, n))
			for _, i := range inboxes { // as if VOD hands it out again
				if err := i.Handler().Handle(t.Context(), e); err != nil {
					t.Error(err)
				}
			}
		})
	}
	storing.Wait()
	begun := func(least int) func() bool {
		return func() bool { mu.Lock(); defer mu.Unlock(); return len(runs) >= least }
	}
	await(t, "each process has all that it may", begun(2*64))
	server.Stop(syscall.SIGQUIT)
	close(release)
	await(t, "outcomes wait", func() bool { return inboxes[0].Status().Unwritten > 0 && inboxes[0].Status().Failing != nil })
	server.Restart()
	await(t, "all is run", begun(all))
	done := func() bool {
		jobs, err := inboxes[0].Contents().List(t.Context(), inbox.Done, "", 2*all)
		return err == nil && len(jobs) == all
	}
	await(t, "all is done", done)
	cancel()
	running.Wait()
	for _, i := range inboxes {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}
	for file, n := range runs {
		if n != 1 {
			t.Errorf("file %s: %d runs", file, n)
		}
	}
}

func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(40 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in 40 s: %s", what)
		}
	}
}
