package callback_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A server that receives normal callbacks, until ctx ends.
func Example() {
	ctx, stop := context.WithCancel(context.Background()) // signal.NotifyContext, in a program
	receiver, err := callback.New([]worker.Handler{{
		Name:  "uploads",
		Types: []string{string(events.NewFileUpload)},
		Handle: func(_ context.Context, e events.Event) error {
			fmt.Println(e.Type, e.FileID() != "")
			stop()     // this example has seen enough
			return nil // VOD is answered
		},
	}}, &callback.Options{SignKeys: []string{"abcDEF123"}})
	if err != nil {
		log.Fatal(err)
	}
	server, err := callback.Listen(receiver, callback.ServerOptions{Listen: "127.0.0.1:0"})
	if err != nil {
		log.Fatal(err)
	}

	vod := vodtest.New(vodtest.Config{}) // instead of an account
	defer vod.Close()
	if err := vod.PushTo(0, "http://"+server.Addr().String(), "abcDEF123"); err != nil {
		log.Fatal(err)
	}
	vod.Upload(0, "lighthouse.mp4")

	fmt.Println(server.Run(ctx), receiver.Status().Handled)
	// Output:
	// NewFileUpload true
	// <nil> 1
}

// A Receiver in a server of one's own, beside other things. One call stops both.
func ExampleReceiver_Shutdown() {
	handled := make(chan struct{})
	receiver, err := callback.New([]worker.Handler{{
		Name:   "all",
		Handle: func(context.Context, events.Event) error { close(handled); return nil },
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/vod", receiver)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(listener) // until it is shut down

	vod := vodtest.New(vodtest.Config{})
	defer vod.Close()
	if err := vod.PushTo(0, "http://"+listener.Addr().String()+"/vod", ""); err != nil {
		log.Fatal(err)
	}
	vod.Upload(0, "lighthouse.mp4")
	<-handled

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	fmt.Println(receiver.Shutdown(ctx, server), receiver.Status().Answered)
	// Output:
	// <nil> 1
}
