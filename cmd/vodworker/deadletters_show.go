package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

func showLettersCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show NAME…",
		Short: "Show letters whole, with their events",
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) == 0 {
				return usageError{errors.New("name the letters; 'vodworker deadletters list' lists them")}
			}
			return a.withLetters(cmd.Context(), func(store letters.Store, entries []letters.Entry) error {
				chosen, err := choose(entries, names)
				if err != nil {
					return err
				}
				for i, e := range chosen {
					letter, err := store.Show(cmd.Context(), e.Name)
					if err != nil {
						return err
					}
					if i > 0 {
						fmt.Fprintln(a.stdout)
					}
					if _, err := fmt.Fprint(a.stdout, showLetter(e.Name, letter)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	addConfigFlag(cmd, a)
	return cmd
}

func showLetter(name string, letter worker.DeadLetter) string {
	e := letter.Event
	missing := strings.Join(letter.Missing, ", ")
	if missing == "" {
		missing = "none: no handler wanted it"
	}
	var out strings.Builder
	for _, field := range [][2]string{
		{"name", name},
		{"key", e.Key()},
		{"type", string(e.Type)},
		{"app", strconv.FormatUint(e.SubAppID, 10)},
		{"file", e.FileID()},
		{"task", e.TaskID()},
		{"reason", letter.Reason.Text()},
		{"missing", missing},
		{"attempts", strconv.Itoa(letter.Attempts)},
		{"first", when(letter.First)},
		{"last", when(letter.Last)},
		{"error", letter.LastError},
	} {
		if value := show.Plain(field[1]); value != "" {
			fmt.Fprintf(&out, "%-9s %s\n", field[0], value)
		}
	}
	return out.String() + show.JSON(e.Raw) + "\n"
}
