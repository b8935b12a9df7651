package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/inbox"
)

const (
	listedJobs = 100
	mostJobs   = 100_000
	shownError = 80 // letters of an error in a table; show has all of it
)

func listInboxCommand(a *app) *cobra.Command {
	var state, handler string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what there is for each handler, the event that was stored first in front",
		Long: `List what there is for each handler, the event that was stored first in front. Without a state it is all
that is not done. What is waiting may have failed before. Of what is done, the last is listed.`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if limit < 1 || limit > mostJobs {
				return usageError{fmt.Errorf("--limit %d: it must be from 1 to %d", limit, mostJobs)}
			}
			contents, _, err := a.lookAtInbox(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, contents.Close()) }()
			jobs, err := contents.List(cmd.Context(), inbox.State(state), handler, limit+1)
			if err != nil {
				return err
			}
			listed := jobs[:min(limit, len(jobs))]
			if asJSON {
				err = a.jobLines(listed)
			} else {
				err = a.jobTable(listed)
			}
			if len(listed) < len(jobs) {
				fmt.Fprintf(a.stderr, "these are %d; there are more: --limit says how many are listed\n", limit)
			}
			return err
		},
	}
	addConfigFlag(cmd, a)
	flags := cmd.Flags()
	flags.Var(usage.OneOf(&state, string(inbox.Waiting), string(inbox.Running), string(inbox.Failed), string(inbox.Done),
		string(inbox.Dead)),
		"state", "only what is waiting, running, failed, done or dead")
	flags.StringVar(&handler, "handler", "", "only what is for this handler")
	flags.IntVar(&limit, "limit", listedJobs, "how many are listed at most")
	flags.BoolVar(&asJSON, "json", false, "a line of JSON for each")
	return cmd
}

// A jobLine is what list --json prints.
type jobLine struct {
	ID        string    `json:"id"`
	SubAppID  uint64    `json:"sub_app_id"`
	Type      string    `json:"type"`
	File      string    `json:"file,omitempty"`
	Task      string    `json:"task,omitempty"`
	Stored    time.Time `json:"stored"`
	Handler   string    `json:"handler,omitempty"`
	State     string    `json:"state"`
	Since     time.Time `json:"since,omitzero"`
	Due       time.Time `json:"due,omitzero"` // what is to be tried again has it
	Process   string    `json:"process,omitempty"`
	Runs      int       `json:"runs"`
	Attempts  int       `json:"attempts"`
	LastError string    `json:"last_error,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

func (a *app) jobLines(jobs []inbox.Job) error {
	encoder := show.Lines(a.stdout)
	for _, j := range jobs {
		line := jobLine{
			ID: j.ID, SubAppID: j.App, Type: j.Type, File: j.File, Task: j.Task, Stored: j.Stored.UTC().Truncate(time.Millisecond),
			Handler: j.Handler, State: string(j.State), Process: j.Process, Runs: j.Runs, Attempts: j.Attempts, LastError: j.LastError,
			Reason: j.Reason.Text(),
		}
		at := j.Since.UTC().Truncate(time.Millisecond)
		if line.Since = at; j.State == inbox.Failed {
			line.Since, line.Due = time.Time{}, at
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) jobTable(jobs []inbox.Job) error {
	if len(jobs) == 0 {
		_, err := fmt.Fprintln(a.stderr, "nothing of the kind is in the inbox")
		return err
	}
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	short := shorten(ids)
	rows := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "EVENT\tSTATE\tWHEN\tHANDLER\tTYPE\tFILE OR TASK\tRUNS\tWHY")
	for _, j := range jobs {
		cells := []string{
			short[j.ID], string(j.State), jobTime(j), j.Handler, j.Type, cmp.Or(j.File, j.Task), strconv.Itoa(j.Runs), whyJob(j),
		}
		for i, cell := range cells {
			cells[i] = orDash(show.Plain(cell))
		}
		fmt.Fprintln(rows, strings.Join(cells, "\t"))
	}
	return rows.Flush()
}

// jobTime says since when a job is at what it is at, or when it may be tried again.
func jobTime(j inbox.Job) string {
	if j.State == inbox.Failed {
		return "due " + when(j.Since)
	}
	return "since " + when(j.Since)
}

// whyJob says why a job was not done, as far as a row has room.
func whyJob(j inbox.Job) string {
	if j.State == inbox.Done {
		return ""
	}
	why := []rune(cmp.Or(j.LastError, j.Reason.Text()))
	if len(why) > shownError {
		return string(why[:shownError]) + "…"
	}
	return string(why)
}
