package callback_test

import (
	"net/http"
	"testing"

	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

func TestWhatEveryWhereRefusedIsAnsweredAndSaidOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		wants := []condition.Condition{{JSON: "FileUploadEvent.FileId", In: []string{"1"}}}
		c := newCaller(t, []worker.Handler{{Name: "first", Where: wants, Handle: succeed}}, callback.Options{})
		for _, id := range []string{"1", "2", "3"} {
			wantEqual(t, "status", c.post(uploaded(id), 0), http.StatusOK)
		}
		wantEqual(t, "handled", c.Status().Handled, 1)
		wantEqual(t, "unmatched", c.Status().Unmatched, 2)
		c.wantLog("every handler's where refused an event of this type", 1)
		c.wantLog("no handler wants", 0)
		c.stop()
	})
}
