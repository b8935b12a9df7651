package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// An emulatorClient is the commands that make events in an emulator that runs, and their flags.
type emulatorClient struct {
	*app
	endpoint       string
	subAppID       uint64
	sessionContext string
}

func emulatorClients(a *app) []*cobra.Command {
	c := &emulatorClient{app: a}
	upload := c.command("upload NAME", "Upload a video, and print its file id", c.upload)
	process := c.command("process FILEID",
		"Process a video with template 10 (MP4-LD-FLU) and a cover, and print the task id", c.process)
	process.Long = `Process a video with template 10 (MP4-LD-FLU) and a cover, and print the task id. The task ends at once, whatever
--task-time says, which is for calls of the API.`
	remove := c.command("delete FILEID", "Delete a file, at once", c.delete)
	pull := c.command("pull-upload URL",
		"Upload a video from a URL, which is not called, and print its file id", c.pullUpload)
	pull.Long = `Upload a video from a URL, which is not called, and print its file id. It ends at once, whatever --task-time
says, which is for calls of the API. If the pull fails, as --fail-results or fail-results PullUpload=… make it, there is no
file: the command says why, and exits with 1.`
	send := c.command("send TYPE|FILE|-", "Send a sample of an event type, or the events in a file or on stdin", c.send)
	send.Long = `Send a sample of a documented event type, with new file and task ids, or the events in a file or on stdin: JSON
objects, one after the other, of any form.`
	faults := c.command("faults TEXT", "Make chosen calls fail, or none any more: ''", c.faults)
	failResults := c.command("fail-results TEXT",
		"Make chosen results of task flows fail, or pulls, or none any more: ''", c.failResults)
	state := c.command("state", "Print, as JSON, where each event is, and the last calls and callbacks", c.state)
	reset := c.command("reset", "Empty all queues and libraries, end all faults, and set everything back", c.reset)
	reset.Long = `Empty the queues and the media of all applications, end all faults and failing results, and set modes and switches
back to those of a new application, and the time to the real one, so that the next test finds nothing of the last one. What
--events, --faults, --fail-results and --callback did is not done again. What --procedure, --quota, --forward, --temporary-key
and issue did stays; a key that only advance has ended is good again.`
	state.Args, reset.Args = usage.None, usage.None
	for _, cmd := range []*cobra.Command{upload, process, remove, pull, send, state} {
		cmd.Flags().Uint64Var(&c.subAppID, "sub-app-id", 0, "application whose event it is (0: the default one)")
	}
	for _, cmd := range []*cobra.Command{process, pull} {
		cmd.Flags().StringVar(&c.sessionContext, "session-context", "", "text that the event passes through")
	}
	return []*cobra.Command{upload, process, remove, pull, send, faults, failResults, c.advanceCommand(), reset, state,
		c.issueCommand(), c.healthCommand()}
}

// command makes a command of what is done with its argument; "" if it takes none.
func (c *emulatorClient) command(
	use, short string, do func(ctx context.Context, e *console.Client, arg string) error,
) *cobra.Command {
	_, needs, _ := strings.Cut(use, " ")
	cmd := &cobra.Command{
		Use: use, Short: short, Args: usage.One("a " + strings.ReplaceAll(needs, "|", " or ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := console.NewClient(c.endpoint, c.subAppID)
			if err != nil {
				return usageError{fmt.Errorf("--emulator %w", err)}
			}
			return do(cmd.Context(), e, append(args, "")[0])
		},
	}
	cmd.Flags().StringVar(&c.endpoint, "emulator", "http://127.0.0.1:9266", "`URL` of the emulator")
	return cmd
}

func (c *emulatorClient) upload(ctx context.Context, e *console.Client, name string) error {
	made, err := e.Upload(ctx, name)
	return c.printMade(made.FileID, made, err)
}

func (c *emulatorClient) process(ctx context.Context, e *console.Client, fileID string) error {
	made, err := e.Process(ctx, fileID, c.sessionContext)
	return c.printMade(made.TaskID, made, err)
}

func (c *emulatorClient) delete(ctx context.Context, e *console.Client, fileID string) error {
	made, err := e.Delete(ctx, fileID)
	return c.printMade("", made, err)
}

func (c *emulatorClient) pullUpload(ctx context.Context, e *console.Client, url string) error {
	made, err := e.PullUpload(ctx, url, c.sessionContext)
	if err == nil && made.FileID == "" {
		return errors.New(made.Note)
	}
	return c.printMade(made.FileID, made, err)
}

func (c *emulatorClient) faults(ctx context.Context, e *console.Client, text string) error {
	return emulatorError(e.Script(ctx, text))
}

func (c *emulatorClient) failResults(ctx context.Context, e *console.Client, text string) error {
	return emulatorError(e.FailResults(ctx, text))
}

func (c *emulatorClient) reset(ctx context.Context, e *console.Client, _ string) error {
	return emulatorError(e.Reset(ctx))
}

func (c *emulatorClient) state(ctx context.Context, e *console.Client, _ string) error {
	state, err := e.State(ctx)
	if err != nil {
		return emulatorError(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, state, "", "  "); err != nil {
		return err
	}
	_, err = indented.WriteTo(c.stdout)
	return err
}

// printMade prints what was made alone on stdout, for scripts, and what there is to say about it on stderr.
func (a *app) printMade(id string, made console.Made, err error) error {
	if err != nil {
		return emulatorError(err)
	}
	if made.Note != "" {
		fmt.Fprintln(a.stderr, made.Note)
	}
	if id == "" {
		return nil
	}
	_, err = fmt.Fprintln(a.stdout, id)
	return err
}

// emulatorError says what can be done about an error of a call, and whose it is.
func emulatorError(err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*console.Error](err); ok {
		if answer.Message == "" {
			err = fmt.Errorf("%w: name another with --emulator", err)
		}
		return usageError{err}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: its certificate is not trusted: set SSL_CERT_FILE to the emulator's authority.pem, "+
			"or call it by http: %w", worker.ErrUnavailable, err)
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%w: start an emulator with 'vodworker emulate', or name another with --emulator: %w",
			worker.ErrUnavailable, err)
	}
	return fmt.Errorf("%w: %w", worker.ErrUnavailable, err)
}
