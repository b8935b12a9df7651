package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker/sink"
)

func listLettersCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the letters, the one that failed last at the end",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, entries, err := a.listLetters()
			if err != nil {
				return err
			}
			if asJSON {
				return listJSON(a.stdout, entries)
			}
			return a.listTable(entries)
		},
	}
	addConfigFlag(cmd, a)
	cmd.Flags().BoolVar(&asJSON, "json", false, "a line of JSON for each letter")
	return cmd
}

// listJSON writes what stands in each file but the event.
func listJSON(w io.Writer, entries []sink.Entry) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, e := range entries {
		var line any = e
		if e.Err != nil {
			line = struct {
				Name  string `json:"name"`
				Error string `json:"error"`
			}{e.Name, e.Err.Error()}
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) listTable(entries []sink.Entry) error {
	var table bytes.Buffer
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	short := shortNames(entries)
	letters := 0
	for _, e := range entries {
		if e.Err != nil {
			fmt.Fprintf(a.stderr, "vodworker: %s\n", plain(e.Err.Error()))
			continue
		}
		if letters++; letters == 1 {
			fmt.Fprintln(rows, "NAME\tLAST FAILURE\tTYPE\tFILE\tMISSING\tWHY")
		}
		why := e.LastError
		if why == "" {
			why = e.Reason
		}
		for _, cell := range []string{short[e.Name], e.Last.Local().Format("2006-01-02 15:04"), string(e.Type), e.File, strings.Join(e.Missing, ",")} {
			fmt.Fprintf(rows, "%s\t", orDash(plain(cell)))
		}
		fmt.Fprintln(rows, plain(why))
	}
	if err := rows.Flush(); err != nil {
		return err
	}
	if letters == 0 {
		fmt.Fprintln(a.stderr, "no dead letters")
	}
	width := terminalWidth(a.stdout)
	for line := range strings.Lines(table.String()) {
		if _, err := fmt.Fprintln(a.stdout, cutTo(strings.TrimRight(line, " \n"), width)); err != nil {
			return err
		}
	}
	return nil
}

// cutTo cuts a line to so many characters; 0 is no limit.
func cutTo(line string, width int) string {
	if width <= 0 || utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}
