package page

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

// A boxed store has its letters wait.
type boxed struct{ *letters.Dir }

func (boxed) Requeue(_ context.Context, _ string, handlers []string) (int, error) {
	return len(handlers), nil
}

func TestALetterInAnInboxWaitsAndNoHandlerIsRunByThePage(t *testing.T) {
	router, err := worker.NewRouter([]worker.Handler{{Name: "h", Handle: func(context.Context, events.Event) error {
		t.Error("it is run")
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := letters.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for n, handler := range []string{"h", "retired"} {
		if err := dir.Write(t.Context(), worker.DeadLetter{Event: upload(n, ""), Reason: worker.ReasonPermanent, Missing: []string{handler}}); err != nil {
			t.Fatal(err)
		}
	}
	p := New(Options{History: NewHistory(0), Letters: boxed{dir}, Router: router, Log: zerolog.New(io.Discard)})
	for n, want := range map[int]string{0: "", 1: "there is no such handler any more"} {
		done := get[struct {
			Gone, Requeued bool
			Error          string
		}](t, p, http.MethodPost, "/api/replay?name="+upload(n, "").ID()+".json", http.StatusOK)
		if done.Gone || done.Requeued != (want == "") || !strings.Contains(done.Error, want) || want == "" && done.Error != "" {
			t.Errorf("letter %d: %+v", n, done)
		}
	}
}
