package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// emulatorClients are the commands that make events in an emulator that runs.
func emulatorClients(a *app) []*cobra.Command {
	var c emulatorClient
	var sessionContext string
	upload := &cobra.Command{
		Use: "upload NAME", Short: "Upload a video, and print its file id",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := c.post(cmd.Context(), "upload", map[string]any{"Name": args[0]})
			return a.printMade(made.FileID, made, err)
		},
	}
	process := &cobra.Command{
		Use: "process FILEID", Short: "Process a video with template 10 (MP4-LD-FLU) and a cover, and print the task id",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := c.post(cmd.Context(), "process", map[string]any{"FileId": args[0], "SessionContext": sessionContext})
			return a.printMade(made.TaskID, made, err)
		},
	}
	remove := &cobra.Command{
		Use: "delete FILEID", Short: "Delete a file",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := c.post(cmd.Context(), "delete", map[string]any{"FileId": args[0]})
			return a.printMade("", made, err)
		},
	}
	pull := &cobra.Command{
		Use: "pull-upload URL", Short: "Let the emulator upload a video from a URL, which it does not call, and print its file id",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := c.post(cmd.Context(), "pull-upload", map[string]any{"Url": args[0], "SessionContext": sessionContext})
			return a.printMade(made.FileID, made, err)
		},
	}
	send := &cobra.Command{
		Use: "send TYPE|FILE|-", Short: "Send a sample of an event type, or the events in a file or on stdin",
		Long: `Send a sample of a documented event type, with new file and task ids, or the events in a file or on stdin: JSON
objects, one after the other, of any form.`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.send(cmd.Context(), args[0]) },
	}
	faults := &cobra.Command{
		Use: "faults TEXT", Short: "Make calls fail, as 'vodworker emulate --help' says of --faults; '' ends it",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := c.post(cmd.Context(), "faults", map[string]any{"Faults": args[0]})
			return a.printMade("", made, err)
		},
	}
	state := &cobra.Command{
		Use: "state", Short: "Print, as JSON, where each event is, and the last calls and callbacks",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.state(cmd.Context(), a.stdout) },
	}
	commands := []*cobra.Command{upload, process, remove, pull, send, faults, state}
	for _, cmd := range commands {
		cmd.Args = cobra.ExactArgs(1)
		cmd.Flags().StringVar(&c.endpoint, "emulator", "http://127.0.0.1:9266", "URL of the emulator")
		if cmd != faults {
			cmd.Flags().Uint64Var(&c.subAppID, "sub-app-id", 0, "application whose event it is (0: the default one)")
		}
	}
	state.Args = cobra.NoArgs
	for _, cmd := range []*cobra.Command{process, pull} {
		cmd.Flags().StringVar(&sessionContext, "session-context", "", "text that the event passes through")
	}
	return commands
}

// printMade prints what was made alone on stdout, for scripts, and what there is to say about it on stderr.
func (a *app) printMade(id string, made madeByEmulator, err error) error {
	if err != nil {
		return err
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

// An emulatorClient calls the control API of an emulator.
type emulatorClient struct {
	endpoint string
	subAppID uint64
}

type madeByEmulator struct {
	FileID string `json:"FileId"`
	TaskID string `json:"TaskId"`
	Note   string
}

// send sends a sample of a type, or the events of a file.
func (c *emulatorClient) send(ctx context.Context, what string) (err error) {
	if slices.Contains(vodtest.Fixtures(), what) {
		_, err = c.post(ctx, "send", map[string]any{"Type": what})
		return err
	}
	from := io.ReadCloser(os.Stdin)
	if what != "-" {
		if from, err = os.Open(what); errors.Is(err, os.ErrNotExist) {
			return usageError{fmt.Errorf("%q is no file and no event type of which there is a sample; the nearest is %s",
				what, config.Nearest(what, sampled()))}
		} else if err != nil {
			return usageError{err}
		}
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	values := json.NewDecoder(from)
	for n := 1; ; n++ {
		var event json.RawMessage
		if err := values.Decode(&event); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return usageError{fmt.Errorf("%s: event %d: %w", what, n, err)}
		}
		if _, err := c.post(ctx, "send", map[string]any{"Event": event}); err != nil {
			return fmt.Errorf("%s: event %d: %w", what, n, err)
		}
	}
}

func sampled() (types []events.Type) {
	for _, name := range vodtest.Fixtures() {
		types = append(types, events.Type(name))
	}
	return types
}

// state prints the emulator's state.
func (c *emulatorClient) state(ctx context.Context, out io.Writer) error {
	body, err := c.call(ctx, http.MethodGet, fmt.Sprint("state?SubAppId=", c.subAppID), nil)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		return err
	}
	_, err = indented.WriteTo(out)
	return err
}

// post has something done. Its parameters are completed by the application, if the action has one.
func (c *emulatorClient) post(ctx context.Context, action string, p map[string]any) (made madeByEmulator, err error) {
	if c.subAppID != 0 {
		p["SubAppId"] = c.subAppID
	}
	body, err := json.Marshal(p)
	if err != nil {
		return made, err
	}
	if body, err = c.call(ctx, http.MethodPost, action, body); err != nil {
		return made, err
	}
	return made, json.Unmarshal(body, &made)
}

// clientTimeout is how long an emulator may take, which mostly runs on the same machine.
const clientTimeout = 10 * time.Second

func (c *emulatorClient) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	endpoint, err := url.Parse(c.endpoint)
	if err != nil || endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.Host == "" {
		return nil, usageError{fmt.Errorf("--emulator %q: it must be an http URL, such as http://127.0.0.1:9266", c.endpoint)}
	}
	address := strings.TrimSuffix(c.endpoint, "/") + vodtest.ControlPath + path
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, usageError{err}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: start an emulator with 'vodworker emulate', or name another with --emulator: %w", worker.ErrUnavailable, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", worker.ErrUnavailable, err)
	}
	if response.StatusCode == http.StatusOK && json.Valid(answer) {
		return answer, nil
	}
	var failed struct{ Error string }
	if json.Unmarshal(answer, &failed) == nil && failed.Error != "" {
		return nil, usageError{errors.New(failed.Error)}
	}
	return nil, usageError{fmt.Errorf("what answers at %s, with the status %d, is no emulator of this version: name another with --emulator",
		c.endpoint, response.StatusCode)}
}
