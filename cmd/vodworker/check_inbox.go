package main

import (
	"errors"

	"github.com/vodworker/vodworker/worker/inbox"
)

// checkInbox looks whether events could be stored, beside the worker that may be running.
func (c *check) checkInbox() {
	const name = "inbox"
	of := c.config.Inbox
	if !of.On() {
		return
	}
	found, risks, err := inbox.Reach(c.cmd.Context(), of.URL)
	switch {
	case err == nil:
		c.pass(name, "%s", found)
	case errors.Is(err, inbox.ErrUnreached):
		c.fail(name, c.config.Errorf(of.Key(), "%w", err), exitUnavailable)
	default:
		c.fail(name, c.config.Errorf(of.Key(), "%w", err), exitUsage)
	}
	for _, risk := range risks {
		c.warn(name, "%s", risk)
	}
}
