package inbox_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

func TestAnInboxInAFileOutlivesItsProcess(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "inbox.db")
	synctest.Test(t, func(t *testing.T) {
		runs := make(chan string, 10)
		handlers := []worker.Handler{{Name: "h", Handle: func(_ context.Context, e events.Event) error {
			runs <- e.FileID()
			time.Sleep(2 * time.Minute)
			return nil
		}}}
		first, err := inbox.Open(t.Context(), handlers, inbox.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inbox.Open(t.Context(), handlers, inbox.Options{URL: url}); err == nil {
			t.Error("a second process opened the same file")
		}
		e, err := events.Decode([]byte(`{"EventHandle":"h","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := first.Handler().Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		second, err := inbox.Open(t.Context(), handlers, inbox.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Handler().Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		sum, err := second.Drain(t.Context(), worker.DrainOptions{})
		if err != nil || sum.Confirmed != 1 || len(runs) != 1 {
			t.Errorf("%+v, %v, %d runs", sum, err, len(runs))
		}
		jobs, err := second.Contents().List(t.Context(), inbox.Done, "", 10)
		if err != nil || len(jobs) != 1 || jobs[0].Handler != "h" {
			t.Errorf("jobs: %+v, %v", jobs, err)
		}
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
