package worker_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A server that receives normal callbacks, until it is told to stop.
func ExampleNewCallback() {
	handled := make(chan struct{})
	callback, err := worker.NewCallback([]worker.Handler{{
		Name:  "uploads",
		Types: []string{string(events.NewFileUpload)},
		Handle: func(_ context.Context, e events.Event) error {
			fmt.Println(e.Type, e.FileID() != "")
			close(handled)
			return nil // VOD is answered
		},
	}}, &worker.CallbackOptions{SignKey: "abcDEF123"})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: callback, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()

	vod := vodtest.New(vodtest.Config{}) // instead of an account
	defer vod.Close()
	if err := vod.PushTo(0, "http://"+listener.Addr().String(), "abcDEF123"); err != nil {
		log.Fatal(err)
	}
	vod.Upload(0, "lighthouse.mp4")
	<-handled

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	go server.Shutdown(ctx) // no new connection
	fmt.Println(callback.Shutdown(ctx), callback.Status().Handled)
	server.Close()
	// Output:
	// NewFileUpload true
	// <nil> 1
}
