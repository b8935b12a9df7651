package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/worker/inbox"
)

// shownEvents is how many events of a file are shown: each has its body.
const shownEvents = 100

func showInboxCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show EVENT…",
		Short: "Show events whole, and what each handler has done with them",
		Long: `Show events whole, and what each handler has done with them. An EVENT is named by its ID or the beginning of
that, as list has it, or by the ID of its file or its task: then all events of that are shown.`,
		RunE: func(cmd *cobra.Command, ids []string) (err error) {
			if len(ids) == 0 {
				return usageError{errors.New("name an event, a file or a task; 'vodworker inbox list' lists events")}
			}
			contents, config, err := a.lookAtInbox(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, contents.Close()) }()
			shown := map[string]bool{}
			for _, id := range ids {
				found, err := contents.Find(cmd.Context(), id, shownEvents+1)
				if err != nil {
					return err
				}
				if len(found) == 0 {
					return usageError{fmt.Errorf("no event in the inbox has this ID, or is of such a file or task: %q; "+
						"what is done stays there for %v, as inbox.keep says", id, config.Inbox.Keep)}
				}
				for _, e := range found[:min(len(found), shownEvents)] {
					if err := a.showEvent(e, shown); err != nil {
						return err
					}
				}
				if len(found) > shownEvents {
					fmt.Fprintf(a.stderr, "these are the first %d of %q; name the others by their IDs\n", shownEvents, id)
				}
			}
			return nil
		},
	}
	addConfigFlag(cmd, a)
	return cmd
}

// showEvent prints an event, once.
func (a *app) showEvent(e inbox.Event, shown map[string]bool) error {
	id := e.Jobs[0].ID
	if shown[id] {
		return nil
	}
	if len(shown) > 0 {
		fmt.Fprintln(a.stdout)
	}
	shown[id] = true
	_, err := fmt.Fprint(a.stdout, eventText(e, time.Now()))
	return err
}

func eventText(e inbox.Event, now time.Time) string {
	of := e.Jobs[0]
	fields := [][2]string{
		{"id", of.ID}, {"type", of.Type}, {"app", strconv.FormatUint(of.App, 10)}, {"file", of.File}, {"task", of.Task},
		{"stored", when(of.Stored)},
	}
	for _, j := range e.Jobs {
		fields = append(fields, [2]string{"handler", jobText(page.JobOf(j), now)})
	}
	var out strings.Builder
	for _, field := range fields {
		if value := show.Plain(field[1]); value != "" {
			fmt.Fprintf(&out, "%-9s %s\n", field[0], value)
		}
	}
	return out.String() + show.JSON(e.Body) + "\n"
}
