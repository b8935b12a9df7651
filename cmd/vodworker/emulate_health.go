package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// healthTimeout is short, since those who ask ask again.
const healthTimeout = 2 * time.Second

func (c *emulatorClient) healthCommand() *cobra.Command {
	cmd := c.command("health", "Exit with 0 if the emulator serves, for scripts that wait for it", c.health)
	cmd.Long = `Exit with 0 if the emulator serves, with 69 if nobody answers in 2 s, and with 2 if something else answers, which no
waiting mends: for scripts that wait for it, with an end of their own, and for the health check of a container.`
	cmd.Args = usage.None
	return cmd
}

func (*emulatorClient) health(ctx context.Context, e *console.Client, _ string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	return emulatorError(e.Health(ctx))
}
