package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

func (c *emulatorClient) issueCommand() *cobra.Command {
	cmd := c.command("issue TIME", "Make a temporary key that is good for so long, and print it", c.issue)
	cmd.Long = `Make a temporary key that is good for so long, and print it as the variables that hold it, a line each: for a shell,
for an environment file, or for what follows in a CI job.`
	return cmd
}

func (c *emulatorClient) issue(ctx context.Context, e *console.Client, text string) error {
	ttl, err := time.ParseDuration(text)
	if err != nil || ttl <= 0 {
		return usageError{fmt.Errorf("TIME %q: it must be how long the key is good for, such as 1h, and more than 0", text)}
	}
	key, err := e.Issue(ctx, ttl)
	if err != nil {
		return emulatorError(err)
	}
	_, err = fmt.Fprintf(c.stdout, "%s=%s\n%s=%s\n%s=%s\n", tencent.EnvSecretID, key.SecretID, tencent.EnvSecretKey, key.SecretKey,
		tencent.EnvToken, key.Token)
	return err
}
