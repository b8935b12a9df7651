package tencent_test

import (
	"context"
	"fmt"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// An inventory is the code under test: it handles events.
type inventory struct{ files []string }

func (i *inventory) uploaded(_ context.Context, e events.Event) error {
	i.files = append(i.files, e.FileID())
	return nil
}

// What a test of your own looks like: the real engine and the real SDK, on an emulator that lives as long as the test.
// Here t stands for the test's *testing.T.
func Example_inYourOwnTest() {
	t := &test{}
	defer t.end()

	server := vodtest.NewServer(t, vodtest.Config{Hold: -1}) // no waiting for events that are not there
	file := server.Upload(1500000001, "lighthouse.mp4")

	source, err := tencent.New(tencent.Options{
		Endpoint:    server.URL,
		SubAppID:    1500000001,
		Credentials: &tencent.Credentials{SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	var stock inventory
	w, err := worker.New(source, []worker.Handler{{Name: "inventory", Handle: stock.uploaded}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := w.Drain(context.Background(), worker.DrainOptions{})
	if err != nil || !summary.Clean() {
		t.Fatal("the drain did not handle and confirm everything: ", err)
	}
	fmt.Println(len(stock.files), stock.files[0] == file, len(server.Queued(1500000001)))
	// Output: 1 true 0
}

// A test is as much of a *testing.T as the example needs.
type test struct{ cleanups []func() }

func (*test) Helper()            {}
func (*test) Fatal(args ...any)  { panic(fmt.Sprint(args...)) }
func (t *test) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *test) end() {
	for _, f := range t.cleanups {
		f()
	}
}
