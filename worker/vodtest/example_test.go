package vodtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// A program under test usually calls the emulator over HTTP, see NewServer. Without HTTP it looks like this.
func Example() {
	const subAppID = 1500000001
	ctx := context.Background()
	emulator := vodtest.New(vodtest.Config{Hold: -1})
	emulator.Process(subAppID, emulator.Upload(subAppID, "lighthouse.mp4"), "order 42")

	eventSet, err := emulator.Pull(ctx, subAppID)
	if err != nil {
		fmt.Println(err)
		return
	}
	var events []struct{ EventHandle, EventType string }
	if err := json.Unmarshal(eventSet, &events); err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range events {
		fmt.Println(event.EventType, emulator.Confirm(ctx, subAppID, []string{event.EventHandle}))
	}

	_, err = emulator.Pull(ctx, subAppID)
	if empty, ok := errors.AsType[*vodtest.APIError](err); ok {
		fmt.Println(empty.Code)
	}
	// Output:
	// NewFileUpload <nil>
	// ProcedureStateChanged <nil>
	// ResourceNotFound
}

// The second ConfirmEvents takes effect, but its answer is lost. Every tenth PullEvents meets a broken gateway.
func ExampleEmulator_Script() {
	faults, err := vodtest.ParseFaults("ConfirmEvents:2=after:reset,PullEvents:*/10=502")
	if err != nil {
		fmt.Println(err)
		return
	}
	emulator := vodtest.New(vodtest.Config{})
	emulator.Script(faults...)
	for _, fault := range faults {
		fmt.Println(fault)
	}
	// Output:
	// ConfirmEvents:2=after:reset
	// PullEvents:*/10=502
}
