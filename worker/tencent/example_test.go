package tencent_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func Example() {
	emulator := vodtest.New(vodtest.Config{Hold: -1}) // instead of an account
	server := httptest.NewServer(emulator)
	defer server.Close()
	file := emulator.Upload(0, "lighthouse.mp4")

	source, err := tencent.New(tencent.Options{
		Endpoint:    server.URL,
		Credentials: &tencent.Credentials{SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer source.Close()
	w, err := worker.New(source, []worker.Handler{{
		Name:  "uploads",
		Types: []string{string(events.NewFileUpload)},
		Handle: func(_ context.Context, e events.Event) error {
			fmt.Println(e.Type, e.FileID() == file)
			return nil // confirms the event
		},
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	summary, err := w.Drain(context.Background(), worker.DrainOptions{})
	fmt.Println(summary.Confirmed, "confirmed", err)
	// Output:
	// NewFileUpload true
	// 1 confirmed <nil>
}
