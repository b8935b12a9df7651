package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// The line that is all that is left of an event goes where none is dropped for others; what a stranger sends can't get there.
func TestLinesOfLostEventsAreKept(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "console"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var ordinary, kept bytes.Buffer
			log := logs.New(config.Log{Level: "info", Format: format}, false, zerolog.SyncWriter(&ordinary), zerolog.SyncWriter(&kept))
			handled := make(chan struct{})
			fail := func(context.Context, events.Event) error {
				handled <- struct{}{}
				return worker.Permanent(errors.New("refused"))
			}
			receiver, err := callback.New([]worker.Handler{{Name: "failing", Handle: fail}},
				&callback.Options{Log: log})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(receiver)
			defer server.Close()
			var posts sync.WaitGroup
			for _, body := range []string{
				`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"lost 1"}}`,
				"{\"EventType\":\"NewFileUpload\",\"FileUploadEvent\":{\"FileId\":\"lost 2 \xff\"}}",
				`{"EventType":",\"event\":\"x","XEvent":{"FileId":"forged \"message\":\"event lost"}}`,
			} {
				posts.Go(func() { // not answered, until the receiver ends
					if response, err := http.Post(server.URL, "application/json", strings.NewReader(body)); err == nil {
						_ = response.Body.Close()
					}
				})
				<-handled
			}
			log.Warn().Str("error", `,"event":"x", "message":"event lost`).Msg("forged")
			if err := receiver.Shutdown(t.Context(), server.Config); err != nil {
				t.Fatal(err)
			}
			posts.Wait()
			wantEqual(t, "kept lines", strings.Count(kept.String(), "this line is all that is left of it"), 3)
			wantEqual(t, "all kept lines", strings.Count(kept.String(), "\n"), 3)
			if text := ordinary.String(); strings.Contains(text, "all that is left") || !strings.Contains(text, "receiver stopped") {
				t.Errorf("ordinary lines:\n%s", text)
			}
		})
	}
}
