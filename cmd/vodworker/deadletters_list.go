package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/letters"
)

func listLettersCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the letters, the one that failed last at the end",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLetters(cmd.Context(), func(_ letters.Store, entries []letters.Entry) error {
				if asJSON {
					return listJSON(a.stdout, entries)
				}
				return a.listTable(entries)
			})
		},
	}
	addConfigFlag(cmd, a)
	cmd.Flags().BoolVar(&asJSON, "json", false, "a line of JSON for each letter")
	return cmd
}

// A letterLine is what stands in a letter's file but the event, as list --json prints it.
type letterLine struct {
	Name      string      `json:"name"`
	Key       string      `json:"key"`
	SubAppID  uint64      `json:"sub_app_id"`
	Type      events.Type `json:"type"`
	File      string      `json:"file,omitempty"`
	Task      string      `json:"task,omitempty"`
	Reason    string      `json:"reason"`
	Missing   []string    `json:"missing"`
	LastError string      `json:"last_error,omitempty"`
	Attempts  int         `json:"attempts"`
	First     time.Time   `json:"first"`
	Last      time.Time   `json:"last"`
	Handle    string      `json:"handle,omitempty"`
}

// A foreignLine is what it prints of a file that is no letter.
type foreignLine struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

func lineOf(e letters.Entry) any {
	if e.Err != nil {
		return foreignLine{e.Name, e.Err.Error()}
	}
	return letterLine{
		Name:      e.Name,
		Key:       e.Key,
		SubAppID:  e.SubAppID,
		Type:      e.Type,
		File:      e.File,
		Task:      e.Task,
		Reason:    e.Reason.Text(),
		Missing:   e.Missing,
		LastError: e.LastError,
		Attempts:  e.Attempts,
		First:     e.First,
		Last:      e.Last,
		Handle:    e.Handle,
	}
}

func listJSON(w io.Writer, entries []letters.Entry) error {
	encoder := show.Lines(w)
	for _, e := range entries {
		if err := encoder.Encode(lineOf(e)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) listTable(entries []letters.Entry) error {
	rows := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	short := shortNames(entries)
	listed := 0
	for _, e := range entries {
		if e.Err != nil {
			fmt.Fprintf(a.stderr, "vodworker: %s\n", show.Plain(e.Err.Error()))
			continue
		}
		if listed++; listed == 1 {
			fmt.Fprintln(rows, "NAME\tLAST FAILURE\tTYPE\tFILE\tMISSING\tWHY")
		}
		why := e.LastError
		if why == "" {
			why = e.Reason.Text()
		}
		cells := []string{
			short[e.Name], e.Last.Local().Format("2006-01-02 15:04"), string(e.Type), e.File, strings.Join(e.Missing, ","), why,
		}
		for i, cell := range cells {
			cells[i] = orDash(show.Plain(cell))
		}
		fmt.Fprintln(rows, strings.Join(cells, "\t"))
	}
	if listed == 0 {
		fmt.Fprintln(a.stderr, "no dead letters")
	}
	return rows.Flush()
}
