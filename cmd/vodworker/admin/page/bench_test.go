package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// BenchmarkHistory is what an event costs that comes with others, one handler takes, and is confirmed with them.
func BenchmarkHistory(b *testing.B) {
	s := newTeller()
	batch := make([]events.Event, worker.MaxBatch)
	for i := range batch {
		batch[i] = upload(i, strings.Repeat("x", 1800))
	}
	left := make([]time.Duration, len(batch))
	b.ReportAllocs()
	for i := 0; i < b.N; i += len(batch) {
		for n := range batch {
			batch[n].Handle = fmt.Sprintf("%0120d", i+n) // as VOD's are
		}
		s.Pulled(worker.PullInfo{Events: batch})
		for _, event := range batch {
			s.Handled(worker.HandleInfo{Event: event, Outcome: worker.Outcome{Handler: "h", Kind: worker.OK, Tries: 1}})
		}
		s.Confirmed(worker.ConfirmInfo{Events: batch, LeaseLeft: left})
	}
}
