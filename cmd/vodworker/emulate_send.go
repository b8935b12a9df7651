package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// send sends a sample of a type, or the events of a file.
func (c *emulatorClient) send(ctx context.Context, e *vodtest.Client, what string) (err error) {
	if slices.Contains(vodtest.Fixtures(), what) {
		return emulatorError(e.Emit(ctx, what))
	}
	from := io.NopCloser(c.stdin)
	if what != "-" {
		if from, err = os.Open(what); errors.Is(err, os.ErrNotExist) {
			return usageError{fmt.Errorf("%q is no file and no event type of which there is a sample; the nearest is %s",
				what, config.Nearest(what, sampled()))}
		} else if err != nil {
			return usageError{err}
		}
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	values := json.NewDecoder(from)
	for n := 1; ; n++ {
		var event json.RawMessage
		if err := values.Decode(&event); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return usageError{fmt.Errorf("%s: event %d: %w", what, n, err)}
		}
		if err := emulatorError(e.Send(ctx, event)); err != nil {
			return fmt.Errorf("%s: event %d: %w", what, n, err)
		}
	}
}

func sampled() (types []events.Type) {
	for _, name := range vodtest.Fixtures() {
		types = append(types, events.Type(name))
	}
	return types
}
