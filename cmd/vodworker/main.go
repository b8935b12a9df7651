// Command vodworker consumes the event notifications of Tencent Cloud VOD: it pulls them, hands each one to its
// handlers, and confirms it when all of them have succeeded. Run it without arguments for its commands.
package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/cmd/vodworker/stream"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

func main() { program() }

// An app is what the commands share: where they write, and the flags that all of them have.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lines          *stream.Writer // stderr: nobody here waits for who reads it
	terminal       bool           // stderr is one
	configFile     string
	configFrom     string // who names it; empty: it is the default
	logLevel       string // empty: as configured
	logFormat      string
	logAs          config.Log // as the command logs: what is configured, and what flags say
	drains         bool       // the command is drain: it warns of nothing that may be well at its end

	roles http.RoundTripper // carries calls to the metadata service and to STS; nil: as http.DefaultTransport would
}

// run executes one command and returns the exit code. Tests, which must not leave their machine, change the app.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, changes ...func(*app)) int {
	lines := stream.New(stderr, droppedText)
	defer func() { _ = lines.Close() }()
	a := &app{stdin: os.Stdin, stdout: stdout, stderr: lines, lines: lines, terminal: isTerminal(stderr)}
	a.logAs = config.Default().Log
	takeForeign(logs.New(config.Default().Log, a.terminal, lines, lines))
	for _, change := range changes {
		change(a)
	}
	root := a.root()
	usage.Prepare(root, groups, args)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(a.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !errors.Is(err, errSaid) {
		a.sayWhy(cmd, err, exitCode(err))
	}
	return processCode(err)
}

// groups are the commands as help lists them.
var groups = []usage.Group{
	{Title: "Consume", Commands: []string{"run", "drain", "receive"}},
	{Title: "Set up", Commands: []string{"init", "check", "config", "settings", "demo"}},
	{Title: "By hand", Commands: []string{"pull", "confirm", "send", "inbox", "deadletters", "explain"}},
	{Title: "Develop", Commands: []string{"emulate"}},
	{Title: "Other", Commands: []string{"version", "completion", "help"}},
}

func (a *app) root() *cobra.Command {
	var asksVersion bool
	root := &cobra.Command{
		Use:   "vodworker",
		Short: "Consume the event notifications of Tencent Cloud VOD, and lose none",
		Long: `vodworker pulls the event notifications of Tencent Cloud VOD, hands each one to its
handlers, and confirms it when all of them have succeeded.

Exit codes: 0 done · 1 unexpected, or a second signal · 2 usage or configuration ·
3 stopped at a limit or by a signal, more may be queued · 4 some events failed or were
abandoned, and stay queued · 5 some were dead-lettered · 69 the API is unavailable ·
77 credentials or permission.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage.None,

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.checkStreams(cmd.Name()) },

		RunE: func(cmd *cobra.Command, _ []string) error {
			if asksVersion {
				return a.printVersion()
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVar(&asksVersion, "version", false, "print the version")
	flags := root.PersistentFlags()
	flags.Var(usage.OneOf(&a.logLevel, "debug", "info", "warn", "error"), "log-level",
		"debug, info, warn or error (default as configured, else info)")
	flags.Var(usage.OneOf(&a.logFormat, "auto", "console", "json"), "log-format",
		"auto, console or json (default as configured, else auto: console on a terminal)")
	root.AddCommand(runCommand(a), drainCommand(a), receiveCommand(a), demoCommand(a), emulateCommand(a), inboxCommand(a), deadLettersCommand(a),
		sendCommand(a), pullCommand(a), confirmCommand(a), settingsCommand(a), initCommand(a), checkCommand(a), configCommand(a),
		explainCommand(a), versionCommand(a))
	return root
}
