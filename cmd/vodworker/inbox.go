package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/inbox"
)

func inboxCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inbox",
		Short: "List and show the events that lie in the inbox",
		Long: `List and show the events that lie in the inbox, inbox.url of the configuration: what waits, what runs, what
failed, what is done and what was given up. 'vodworker deadletters' says more of the last, and has them run
again. All of it is safe while workers run.`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(listInboxCommand(a), showInboxCommand(a))
	return cmd
}

// lookAtInbox opens the inbox that is configured. The caller closes it.
func (a *app) lookAtInbox(ctx context.Context) (*inbox.Contents, *config.Config, error) {
	config, err := a.loadToLook()
	if err != nil {
		return nil, nil, err
	}
	if !config.Inbox.On() {
		return nil, nil, usageError{fmt.Errorf("%s: inbox.url is not set, so events are stored nowhere: they are handled when they come",
			a.configFile)}
	}
	contents, err := a.openInbox(ctx, config)
	return contents, config, err
}

// openInbox opens an inbox that is there, beside the workers that use it.
func (a *app) openInbox(ctx context.Context, config *config.Config) (*inbox.Contents, error) {
	contents, err := inbox.Look(ctx, config.Inbox.URL)
	if err == nil {
		return contents, nil
	}
	if err = config.Errorf(config.Inbox.Key(), "%w", err); !errors.Is(err, inbox.ErrUnreached) { // that is nobody's mistake
		err = usageError{err}
	}
	return nil, err
}
