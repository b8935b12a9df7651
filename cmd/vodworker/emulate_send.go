package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/vodworker/vodworker/cmd/vodworker/input"
	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// send sends a sample of a type, or the events of a file.
func (c *emulatorClient) send(ctx context.Context, e *console.Client, what string) (err error) {
	if slices.Contains(vodtest.Fixtures(), what) {
		return emulatorError(e.Emit(ctx, what))
	}
	if _, err := os.Stat(what); what != "-" && what != "" && errors.Is(err, fs.ErrNotExist) {
		return usageError{fmt.Errorf("%q is no file and no event type of which there is a sample; the nearest is %s",
			what, nearest.Of(what, sampled()))}
	}
	from, name, err := c.openInput(what)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	for value, err := range input.Values(from) {
		if err != nil {
			return inputError(name, err)
		}
		if err := emulatorError(e.Send(ctx, value.JSON)); err != nil {
			return fmt.Errorf("%s:%v: %w", name, value.Place, err)
		}
	}
	return nil
}

func sampled() (types []events.Type) {
	for _, name := range vodtest.Fixtures() {
		types = append(types, events.Type(name))
	}
	return types
}
