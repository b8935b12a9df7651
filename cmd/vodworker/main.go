// Command vodworker consumes the event notifications of Tencent Cloud VOD: it pulls them, hands each one to its
// handlers, and confirms it when all of them have succeeded. Run it without arguments for its commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/stream"
)

func main() { program() }

// An app is what the commands share: where they write, and the flags that all of them have.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lines          *stream.Writer // stderr: nobody here waits for who reads it
	terminal       bool           // stderr is one
	configFile     string
	logLevel       string // empty: as configured
	logFormat      string

	roles http.RoundTripper // carries calls to the metadata service and to STS; nil: as http.DefaultTransport would
}

// run executes one command and returns the exit code. Tests, which must not leave their machine, change the app.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, changes ...func(*app)) int {
	lines := stream.New(stderr, droppedText)
	defer func() { _ = lines.Close() }()
	a := &app{stdin: os.Stdin, stdout: stdout, stderr: lines, lines: lines, terminal: isTerminal(stderr)}
	takeForeign(newLogger(config.Default().Log, a.terminal, lines, lines))
	for _, change := range changes {
		change(a)
	}
	root := &cobra.Command{
		Use:   "vodworker",
		Short: "Consume the event notifications of Tencent Cloud VOD, and lose none",
		Long: `vodworker pulls the event notifications of Tencent Cloud VOD, hands each one to its
handlers, and confirms it when all of them have succeeded.

Exit codes: 0 done · 1 unexpected, or a second signal · 2 usage or configuration ·
3 stopped at a limit or by a signal, more may be queued · 4 some events failed and
stay queued · 5 some were dead-lettered · 69 the API is unavailable · 77 credentials or permission.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.checkStreams(cmd.Name()) },

		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
	})
	flags := root.PersistentFlags()
	flags.StringVar(&a.logLevel, "log-level", "", "debug, info, warn or error (default as configured, else info)")
	flags.StringVar(&a.logFormat, "log-format", "", "auto, console or json (default as configured, else auto: console on a terminal)")
	root.AddCommand(runCommand(a), drainCommand(a), receiveCommand(a), demoCommand(a), emulateCommand(a), deadLettersCommand(a),
		sendCommand(a), pullCommand(a), confirmCommand(a), settingsCommand(a), checkCommand(a), versionCommand(a))

	root.InitDefaultCompletionCmd(args...)
	for _, cmd := range root.Commands() { // what cobra makes takes a misspelt shell for a call for help
		if cmd.Name() == "completion" {
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}

	cmd, err := root.ExecuteContextC(ctx)
	if isCobraUsage(err) {
		err = usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
	}
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintf(a.stderr, "vodworker: %v\n", err)
	}
	return processCode(err)
}

// addConfigFlag is for what may call somebody, as configured.
func addConfigFlag(cmd *cobra.Command, a *app) {
	cmd.PreRunE = checkProxies
	cmd.Flags().StringVar(&a.configFile, "config", "config.yaml", "configuration file")
}
