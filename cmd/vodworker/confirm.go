package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/input"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

func confirmCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "confirm HANDLE… | -",
		Short: "Call ConfirmEvents for handles that were pulled by hand",
		Long: `Call ConfirmEvents once, for up to 16 handles, and print what it answers. With - the handles are read from
stdin, one on a line, as they are or as JSON strings. VOD never hands a confirmed event out again.

A handle is good for 30 s after it was pulled. Exit code 4: VOD refuses the call, and does not say which of
the handles was bad. To know that of one, confirm it alone. For more than 16: xargs -n 16 vodworker confirm`,
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
	answer, err := one.ConfirmAnswer(c.cmd.Context(), handles)
	switch {
	case errors.Is(err, worker.ErrRefused):
		return refusal(handles, err)
	case errors.Is(err, worker.ErrFatal) || errors.Is(err, worker.ErrThrottled):
		return fmt.Errorf("ConfirmEvents: %w; nothing was confirmed", err)
	case err != nil:
		return fmt.Errorf("ConfirmEvents: %w; it is not known whether %s were confirmed: confirm all of them again",
			err, strings.Join(handles, " "))
	}
	if _, err := fmt.Fprintln(c.stdout, show.JSON(answer)); err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "vodworker: %s confirmed\n", count(len(handles), "event", "events"))
	return nil
}

// refusal says what is known: a call that VOD refuses may have confirmed the good ones of its handles. VOD documents one code
// for a bad handle. Any other code only makes a bad handle likely, so the error shows what VOD says, too.
func refusal(handles []string, err error) error {
	const bad = "pulled longer ago than its window, confirmed before, mistyped, or of another application"
	why := "it was " + bad + "; what was not confirmed comes again"
	if len(handles) > 1 {
		why = "at least one was " + bad + "; the others may be confirmed now, since VOD may confirm the good ones of a call " +
			"that it refuses; to know which handle is bad, confirm it alone"
	}
	if api, ok := errors.AsType[*tencent.Error](err); ok && api.Code != "InvalidParameterValue" {
		why += "; VOD says " + api.Error()
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
		if handles, err = input.Handles(c.stdin); err != nil {
			return nil, inputError("stdin", err)
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
	if len(unique) > worker.MaxBatch {
		return nil, fmt.Errorf("%d handles: ConfirmEvents takes up to %d; "+
			"'xargs -n %[2]d vodworker confirm' makes as many calls as it needs", len(unique), worker.MaxBatch)
	}
	return unique, nil
}
