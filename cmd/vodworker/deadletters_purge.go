package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/worker/letters"
)

func purgeCommand(a *app) *cobra.Command {
	var all bool
	var olderThan time.Duration
	cmd := &cobra.Command{
		Use:   "purge [NAME… | --all]",
		Short: "Delete letters, with their events",
		Long: `Delete letters, with their events: VOD does not hand those out again. It says what it deletes. With --all,
files that are no letters stay; named, they go. Of an event in an inbox only what was given up goes.`,
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := checkNames(names, all); err != nil {
				return err
			}
			return a.withLetters(cmd.Context(), func(store letters.Store, entries []letters.Entry) error {
				return a.purge(cmd.Context(), store, entries, names, olderThan)
			})
		},
	}
	addConfigFlag(cmd, a)
	cmd.Flags().BoolVar(&all, "all", false, "all letters")
	cmd.Flags().DurationVar(&olderThan, "older-than", 0, "of those, only letters whose last failure was longer ago, such as 720h")
	return cmd
}

// purge deletes the named letters, or all if there are no names.
func (a *app) purge(ctx context.Context, store letters.Store, entries []letters.Entry, names []string, olderThan time.Duration) (err error) {
	if len(names) > 0 {
		if entries, err = choose(entries, names); err != nil {
			return err
		}
	}
	deleted, kept := 0, 0
	for _, e := range entries {
		switch {
		case e.Err != nil && (len(names) == 0 || olderThan > 0): // it may be anything, and of any age
			fmt.Fprintf(a.stderr, "vodworker: not deleted: %s\n", show.Plain(e.Err.Error()))
			kept++
			continue
		case olderThan > 0 && time.Since(e.Last) <= olderThan:
			kept++
			continue
		}
		if err := store.Purge(ctx, e.Name); errors.Is(err, fs.ErrNotExist) {
			continue // somebody else was faster
		} else if err != nil {
			return err
		}
		deleted++
		if _, err := fmt.Fprintln(a.stdout, "deleted", describe(e)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.stdout, "%d deleted, %d kept\n", deleted, kept)
	return err
}

func describe(e letters.Entry) string {
	about := []string{string(e.Type)}
	switch {
	case e.Err != nil:
		about = []string{"not a dead letter"}
	case e.File != "":
		about = append(about, "file "+e.File)
	}
	if len(e.Missing) > 0 {
		about = append(about, "missing "+strings.Join(e.Missing, " and "))
	}
	return show.Plain(e.Name + " (" + strings.Join(about, ", ") + ")")
}
