package inbox

import (
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// The tables know nothing of a worker, and write this reason themselves.
func TestAJobThatWasStartedTooOftenHasTheReasonOfAWorker(t *testing.T) {
	if store.ReasonCrashes != worker.ReasonCrashes {
		t.Errorf("%q, want %q", store.ReasonCrashes, worker.ReasonCrashes)
	}
}
