package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

func confirmCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "confirm HANDLE… | -",
		Short: "Call ConfirmEvents for handles that were pulled by hand",
		Long: `Call ConfirmEvents, for up to 16 handles at a time, and print what each call answers. With - the handles are
read from stdin, one on a line, as they are or as JSON strings. VOD never hands a confirmed event out again.

A handle is good for 30 s after it was pulled. When VOD refuses a call it does not say which of the handles
was bad, so each is sent again alone. Exit code 4: some were refused, and the message says which.`,
	}
	c := addAPIFlags(cmd, a)
	cmd.RunE = func(_ *cobra.Command, args []string) error { return c.confirm(args) }
	return cmd
}

func (c *apiCommand) confirm(args []string) (err error) {
	handles, err := c.handles(args)
	if err != nil {
		return usageError{err}
	}
	if len(handles) == 0 {
		fmt.Fprintln(c.stderr, "vodworker: no handles on stdin: nothing to confirm")
		return nil
	}
	one, err := c.one()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, one.Close()) }()
	var refusals []error
	done := 0
	for batch := range slices.Chunk(handles, worker.MaxBatch) {
		refused, err := c.confirmBatch(one.Source, batch)
		if err != nil {
			for _, refused := range refusals { // said, but not what the exit code is about: that is why it stopped
				fmt.Fprintf(c.stderr, "vodworker: %v\n", refused)
			}
			return fmt.Errorf("ConfirmEvents: %w; it is not known whether %s were confirmed, and what "+
				"follows was not sent: confirm all of them again", err, strings.Join(batch, " "))
		}
		if len(refused) > 0 {
			refusals = append(refusals, refusal(refused, len(refused) < len(batch) || len(batch) == 1))
		}
		done += len(batch) - len(refused)
	}
	if done > 0 {
		fmt.Fprintf(c.stderr, "vodworker: %s confirmed\n", count(done, "event", "events"))
	}
	return errors.Join(refusals...)
}

// confirmBatch prints the answer to one call, or of one for each handle if the first was refused. It returns those that
// were refused alone.
func (c *apiCommand) confirmBatch(source *tencent.Source, batch []string) (refused []string, err error) {
	answer, err := source.ConfirmAnswer(c.cmd.Context(), batch)
	switch {
	case err == nil:
		_, err = fmt.Fprintln(c.stdout, pretty(answer))
		return nil, err
	case !errors.Is(err, worker.ErrRefused):
		return nil, err
	case len(batch) == 1:
		return batch, nil
	}
	for handle := range slices.Chunk(batch, 1) {
		bad, err := c.confirmBatch(source, handle)
		if err != nil {
			return refused, err
		}
		refused = append(refused, bad...)
	}
	return refused, nil
}

// refusal says what is known. A call that VOD refuses may have confirmed the good ones of its handles, which are then
// refused when they are sent alone: only if one was accepted then, VOD does not do that, and all of the others are bad.
func refusal(handles []string, sure bool) error {
	const bad = "pulled longer ago than its window, confirmed before, mistyped, or of another application"
	why := "it was " + bad + "; what was not confirmed comes again"
	switch {
	case !sure:
		why = "at least one was " + bad + "; the others may be confirmed now, since VOD may confirm the good ones of a call that it refuses"
	case len(handles) > 1:
		why = "each was " + bad + "; what was not confirmed comes again"
	}
	return fmt.Errorf("%w: %s: %s", worker.ErrRefused, strings.Join(handles, " "), why)
}

// handles returns each of the handles that are given, once.
func (c *apiCommand) handles(args []string) ([]string, error) {
	handles := args
	switch {
	case len(args) == 0:
		return nil, errors.New("name the handles, or - to read them from stdin")
	case slices.Equal(args, []string{"-"}):
		var err error
		if handles, err = readHandles(c.stdin); err != nil {
			return nil, fmt.Errorf("read handles from stdin: %w", err)
		}
	}
	var unique []string
	for _, handle := range handles {
		if strings.TrimSpace(handle) != handle || handle == "" || handle == "-" {
			return nil, fmt.Errorf("%q is not a handle", handle)
		}
		if !slices.Contains(unique, handle) {
			unique = append(unique, handle)
		}
	}
	return unique, nil
}

// readHandles reads one from each line that is not blank.
func readHandles(r io.Reader) (handles []string, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
			continue
		case line[0] == '"':
			if err := json.Unmarshal([]byte(line), &line); err != nil {
				return nil, fmt.Errorf("%s is not a JSON string: %w", line, err)
			}
		case line[0] == '{' || line[0] == '[':
			return nil, errors.New("this is JSON, and not one handle on a line: jq -r '.EventSet[].EventHandle' takes them out of what pull prints")
		}
		handles = append(handles, line)
	}
	return handles, lines.Err()
}
