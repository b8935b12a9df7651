package letters_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

func TestALetterReachesASinkWithItsEvent(t *testing.T) {
	raw := `{"EventHandle":"h","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"7","Big":9007199254740993}}`
	event, err := events.Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	var got events.Event
	refused := errors.New("refused")
	write := letters.Send(func(_ context.Context, e events.Event) error {
		if got.Raw != nil {
			return refused
		}
		got = e
		return nil
	})
	letter := worker.DeadLetter{Event: event, Reason: "because", Missing: []string{"backend"}, Attempts: 5, First: time.Now(), Last: time.Now()}
	if err := write(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	var body struct {
		Key, Reason string
		Missing     []string
		Event       json.RawMessage
	}
	if err := json.Unmarshal(got.Body(), &body); err != nil {
		t.Fatal(err)
	}
	if body.Key != event.Key() || body.Reason != "because" || body.Missing[0] != "backend" || string(body.Event) != raw {
		t.Errorf("body: %s", got.Body())
	}
	if err := write(t.Context(), letter); !errors.Is(err, refused) {
		t.Errorf("a sink that failed: %v", err)
	}
}
