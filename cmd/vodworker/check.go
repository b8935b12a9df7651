package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

func checkCommand(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration, the credentials, the API and the handlers",
		Long: `Check the configuration, the credentials, this machine's clock, the permissions, each application's settings, and
that the places where events and dead letters go, and the inbox, can be reached. It changes nothing, and hands no event
to anybody.

The permission to confirm is tried with a handle that does not exist. To try the one to pull takes --pull, since
whatever it brings is hidden from workers for 30 s.

Exit codes: 0 nothing failed, though there may be warnings; else that of the first failure: 2 configuration,
69 something does not answer, 77 credentials or permission.`,
	}
	c := &check{apiCommand: addAPIFlags(cmd, a), options: &o}
	cmd.Flags().BoolVar(&o.pull, "pull", false, "pull once, too: what comes is hidden for 30 s")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "a line of JSON for each check")
	cmd.RunE = func(*cobra.Command, []string) error { return c.run() }
	return cmd
}

type checkOptions struct{ pull, asJSON bool }

// A check is one run of the command.
type check struct {
	*apiCommand
	options  *checkOptions
	config   *config.Config
	findings []finding

	subAppID uint64 // of the application that is being checked; 0: none, or the default one
}

// A finding is a line of the table.
type finding struct {
	Check    string `json:"check"`
	SubAppID uint64 `json:"sub_app_id,omitempty"`
	Result   string `json:"result"` // pass, warn, fail, or skip: not tried
	Found    string `json:"found"`
	ExitCode int    `json:"exit_code,omitempty"` // of a failure
}

func (c *check) run() error {
	if c.checkConfig() {
		c.checkAPI()
		c.checkHandlers()
		c.checkInbox()
		c.checkCallback()
		c.checkDeadLetters()
	}
	if err := c.print(); err != nil {
		return err
	}
	for _, f := range c.findings {
		if f.ExitCode != exitOK {
			return exitError{f.ExitCode}
		}
	}
	return nil
}

func (c *check) pass(name, format string, args ...any) { c.add(name, "pass", exitOK, format, args...) }
func (c *check) warn(name, format string, args ...any) { c.add(name, "warn", exitOK, format, args...) }
func (c *check) skip(name, format string, args ...any) { c.add(name, "skip", exitOK, format, args...) }

func (c *check) fail(name string, err error, code int) {
	c.add(name, "fail", code, "%s", withRequestID(err))
}

func (c *check) add(name, result string, code int, format string, args ...any) {
	c.findings = append(c.findings, finding{name, c.subAppID, result, show.Plain(fmt.Sprintf(format, args...)), code})
}

func (c *check) print() error {
	if c.options.asJSON {
		encoder := show.Lines(c.stdout)
		for _, f := range c.findings {
			if err := encoder.Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	rows := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, f := range c.findings {
		name := f.Check
		if f.SubAppID != 0 {
			name += " of " + applicationName(f.SubAppID)
		}
		fmt.Fprintf(rows, "%s\t%s\t%s\n", name, f.Result, f.Found)
	}
	return rows.Flush()
}

// checkConfig reports whether there is a configuration to check the rest of.
func (c *check) checkConfig() bool {
	const name = "configuration"
	loaded, err := c.load()
	if err == nil {
		_, err = c.logger(loaded.Log)
	}
	if err != nil {
		for _, one := range single(err) {
			c.fail(name, one, exitCode(err))
		}
		return false
	}
	c.config = loaded
	for _, warning := range loaded.Warnings {
		c.warn(name, "%v", warning)
	}
	switch {
	case c.usesDefaults:
		c.warn(name, "none, the defaults hold: no handlers: run and drain need at least one")
	case len(loaded.Handlers) == 0:
		_, err := loadConfig(c.configFile) // as run does
		c.fail(name, err, exitUsage)
	default:
		c.pass(name, "%s: %s, %s", c.configFile, count(len(loaded.Applications()), "application", "applications"),
			count(len(loaded.Handlers), "handler", "handlers"))
	}
	return true
}

// outletsNowhere are the configured ones, but nothing goes anywhere.
func outletsNowhere(config *config.Config) *outlets {
	to := &outlets{}
	for _, h := range config.Handlers {
		to.handlers = append(to.handlers, h.To(func(context.Context, events.Event) error { return nil }))
	}
	if config.DeadLetters.On() || config.Inbox.On() {
		nothing := func(context.Context, worker.DeadLetter) error { return nil }
		to.deadLetters = deadLetters(config.DeadLetters, nothing)
	}
	return to
}

// checkAPI checks the credentials, and with them each application.
func (c *check) checkAPI() {
	const name = "credentials"
	ctx := c.cmd.Context()
	keys, err := c.keyring(ctx, c.config, zerolog.Nop())
	if err != nil {
		c.fail(name, err, exitUsage)
		return
	}
	defer func() { _ = keys.Close() }()
	found, err := keys.Credentials(ctx)
	if err != nil {
		c.fail(name, err, exitNoPerm)
		return
	}
	kind := "permanent"
	if found.Temporary() {
		kind = "temporary"
	}
	c.pass(name, "from %s, %s", found.IDFrom, kind)
	for i, id := range c.applications(c.config) {
		if i == 0 && !c.checkEndpoint(id, keys) {
			return
		}
		c.subAppID = id
		c.checkApplication(keys)
		c.subAppID = 0
	}
}
