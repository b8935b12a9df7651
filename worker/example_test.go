package worker_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A handler that works with the official SDK's types. What can't be decoded will not be decoded next time either: it is
// Permanent, and goes to the dead letters if there are any.
func Example_typedHandler() {
	finished := worker.Handler{
		Name:  "finished",
		Types: []string{string(events.ProcedureStateChanged)},
		Handle: func(_ context.Context, e events.Event) error {
			task, err := events.As[vod.ProcedureTask](e)
			if err != nil {
				return worker.Permanent(err)
			}
			for _, result := range task.MediaProcessResultSet {
				fmt.Println(*result.Type)
			}
			return nil
		},
	}

	emulator := vodtest.New(vodtest.Config{Hold: -1})
	emulator.Process(0, emulator.Upload(0, "lighthouse.mp4"), "order 42")
	drain(emulator, []worker.Handler{finished})
	// Output:
	// Transcode
	// CoverBySnapshot
}

// One handler for each type. Each has its own tries and its own time limit, and one that fails holds up no other. An
// event that two of them want is confirmed when both have succeeded.
func Example_handlerForEachType() {
	show := func(what string) func(context.Context, events.Event) error {
		return func(_ context.Context, e events.Event) error {
			fmt.Println(what+":", e.Type)
			return nil
		}
	}
	handlers := []worker.Handler{
		{Name: "uploads", Types: []string{string(events.NewFileUpload)}, Handle: show("uploaded")},
		{Name: "tasks", Types: []string{string(events.ProcedureStateChanged)}, Handle: show("processed"), Timeout: 5 * time.Second},
		{Name: "deletions", Types: []string{string(events.FileDeleted)}, Handle: show("deleted"), Retry: worker.Retry{Tries: 1}},
		{Name: "others", Types: []string{"*Complete"}, Handle: show("completed")}, // a glob
	}

	emulator := vodtest.New(vodtest.Config{Hold: -1})
	emulator.Process(0, emulator.Upload(0, "lighthouse.mp4"), "order 42")
	drain(emulator, handlers)
	// Unordered output:
	// uploaded: NewFileUpload
	// processed: ProcedureStateChanged
}

// What a handler's error says: try again later, try again not before, never try again.
func ExamplePermanent() {
	busy, gone := errors.New("busy"), errors.New("no such customer")
	handle := func(_ context.Context, e events.Event) error {
		switch e.SessionContext() {
		case "a busy moment":
			return worker.RetryAfter(2*time.Second, busy)
		case "unknown":
			return worker.Permanent(gone)
		}
		return nil
	}
	router, err := worker.NewRouter([]worker.Handler{{Name: "orders", Handle: handle}})
	if err != nil {
		log.Fatal(err)
	}
	e := events.Event{Raw: []byte(`{"EventType":"PullComplete","PullCompleteEvent":{"SessionContext":"unknown"}}`), Type: events.PullComplete}
	for _, outcome := range router.Run(context.Background(), e, router.Match(e)) {
		fmt.Println(outcome.Handler, outcome.Kind, outcome.Err, outcome.Tries)
	}
	// Output: orders rejected no such customer 1
}

// drain consumes the emulator's queue once, and without HTTP; see package tencent for the real API.
func drain(emulator *vodtest.Emulator, handlers []worker.Handler) {
	w, err := worker.New(emulated.Queue{Emulator: emulator}, handlers, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.Drain(context.Background(), worker.DrainOptions{}); err != nil {
		log.Fatal(err)
	}
}
