package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker/vodtest/console"
)

func (c *emulatorClient) advanceCommand() *cobra.Command {
	cmd := c.command("advance TIME",
		"Let time pass at once, such as 30s: windows, tasks and callbacks' tries end", c.advance)
	cmd.Long = `Let time pass at once, for all applications, such as 30s, 5m or 96h. What becomes due in that time happens in order,
before the command ends: windows end, old events are dropped, tasks end, callbacks time out and are tried again, temporary keys
end. Time goes on from there; 'vodworker emulate reset' sets it back.

Signatures, held polls, --every and --replay go by the real time. A receiver of callbacks has 200 ms of it to answer, then its
try times out if it is due. The command may take 2 min, which many receivers that hang can make it do. An event that a held poll
gets may be over its window by the end of a long jump: jump by the window.`
	return cmd
}

func (*emulatorClient) advance(ctx context.Context, e *console.Client, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return usageError{fmt.Errorf("TIME %q: it must be how much time passes, such as 30s, 5m or 96h, and more than 0", text)}
	}
	return advanceError(e.Advance(ctx, d))
}

var errStopped = errors.New("the emulator's time stopped on its way")

// advanceError says why time has stopped on its way, and what to do.
func advanceError(err error) error {
	const look = "AheadMs in 'vodworker emulate state' says how far it came, and 'vodworker emulate reset' sets it back"
	answer, _ := errors.AsType[*console.Error](err)
	failed, _ := errors.AsType[*url.Error](err)
	switch {
	case answer != nil && answer.Status == http.StatusServiceUnavailable && answer.Message != "":
		return fmt.Errorf("%w: %w: %s", errStopped, err, look)
	case failed != nil && failed.Timeout():
		return fmt.Errorf("%w after 2 min, as when many receivers of callbacks do not answer: %s", errStopped, look)
	}
	return emulatorError(err)
}
