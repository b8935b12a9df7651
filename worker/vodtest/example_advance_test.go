package vodtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// A consumer that crashed has confirmed nothing: its event comes again after 30 s.
func ExampleEmulator_Advance() {
	ctx := context.Background()
	emulator := vodtest.New(vodtest.Config{Hold: -1})
	emulator.Upload(0, "lighthouse.mp4")
	if _, err := emulator.Pull(ctx, 0); err != nil {
		fmt.Println(err)
	}

	if err := emulator.Advance(ctx, 30*time.Second); err != nil {
		fmt.Println(err)
	}
	_, err := emulator.Pull(ctx, 0)
	fmt.Println("pulled again:", err == nil)
	// Output: pulled again: true
}

// An event that nobody confirms is dropped after four days.
func ExampleEmulator_Advance_retention() {
	ctx := context.Background()
	emulator := vodtest.New(vodtest.Config{})
	emulator.Upload(0, "lighthouse.mp4")

	if err := emulator.Advance(ctx, 4*24*time.Hour); err != nil {
		fmt.Println(err)
	}
	fmt.Println("dropped:", emulator.Stats(0).Dropped)
	// Output: dropped: 1
}

// A receiver that hangs is tried three times, for 5 s each, with 1 s in between.
func ExampleEmulator_Advance_callbacks() {
	ctx := context.Background()
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server would not notice that the caller leaves
		<-r.Context().Done()
	}))
	defer hangs.Close()
	emulator := vodtest.New(vodtest.Config{})
	defer emulator.Close()
	if err := emulator.PushTo(0, hangs.URL, ""); err != nil {
		fmt.Println(err)
	}
	emulator.Upload(0, "lighthouse.mp4")

	if err := emulator.Advance(ctx, 17*time.Second); err != nil {
		fmt.Println(err)
	}
	fmt.Println("tries:", emulator.Stats(0).Callbacks.Tries, "given up:", emulator.Stats(0).Callbacks.GivenUp)
	// Output: tries: 3 given up: 1
}
