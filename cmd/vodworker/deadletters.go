package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/letters"
)

func deadLettersCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletters",
		Short: "List, show, replay or purge the events that were given up",
		Long: `List, show, replay or purge the events that were given up: those in the folder dead_letters.dir of the
configuration, or in its inbox. A NAME is that of a file there, in an inbox an event's ID, or as much of
its beginning as no other name begins with. All of it is safe while workers run.`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(listLettersCommand(a), showLettersCommand(a), replayCommand(a), purgeCommand(a))
	return cmd
}

// useLetters opens the letters that are configured, lists them, and has use do with them what it does.
func (a *app) useLetters(ctx context.Context, config *config.Config, use func(letters.Store, []letters.Entry) error) (err error) {
	var store letters.Store
	if config.Inbox.On() {
		contents, err := a.openInbox(ctx, config)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, contents.Close()) }()
		store = contents.Letters()
	} else if store, err = a.openLetters(config); err != nil {
		return err
	}
	entries, err := store.List(ctx)
	if err != nil {
		return err
	}
	return use(store, entries)
}

// openLetters opens the folder. It must be there: a worker makes it when it starts, and one that is missing is mostly one
// that is named wrongly, or from elsewhere.
func (a *app) openLetters(config *config.Config) (letters.Store, error) {
	dir := config.DeadLetters.Dir
	if dir == "" && config.DeadLetters.On() {
		return nil, usageError{fmt.Errorf("%s: dead_letters.dir is not set: letters go to the %s, and these commands need a folder, or an inbox",
			a.configFile, config.DeadLetters.Kind())}
	}
	if dir == "" {
		return nil, usageError{fmt.Errorf("%s: dead_letters.dir is not set, so no event is given up", a.configFile)}
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{fmt.Errorf("dead_letters.dir: there is no folder %s; a worker makes it when it starts", dir)}
	}
	store, err := letters.NewDir(dir)
	if err != nil {
		return nil, usageError{err}
	}
	return store, nil
}

// withLetters is useLetters for commands that hand events to nobody.
func (a *app) withLetters(ctx context.Context, use func(letters.Store, []letters.Entry) error) error {
	config, err := a.loadToLook()
	if err != nil {
		return err
	}
	return a.useLetters(ctx, config, use)
}

// checkNames sees to it that all letters are meant only where --all says so.
func checkNames(names []string, all bool) error {
	switch {
	case len(names) == 0 && !all:
		return usageError{errors.New("name the letters, or say --all")}
	case len(names) > 0 && all:
		return usageError{errors.New("name the letters, or say --all: not both")}
	}
	return nil
}

// choose returns the entries that are named, each once, in the order of the folder. Every name must be that of one.
func choose(entries []letters.Entry, names []string) ([]letters.Entry, error) {
	chosen := map[string]bool{}
	for _, name := range names {
		found := find(entries, name)
		switch len(found) {
		case 0:
			return nil, usageError{fmt.Errorf("there is no dead letter %q", name)}
		case 1:
			chosen[found[0].Name] = true
		default:
			return nil, usageError{fmt.Errorf("%d dead letters begin with %q: %s, %s …",
				len(found), name, found[0].Name, found[1].Name)}
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e letters.Entry) bool { return !chosen[e.Name] }), nil
}

func find(entries []letters.Entry, name string) (found []letters.Entry) {
	for _, e := range entries {
		if e.Name == name || shortened(e.Name) == name {
			return []letters.Entry{e}
		}
		if name != "" && strings.HasPrefix(e.Name, name) {
			found = append(found, e)
		}
	}
	return found
}

func shortened(name string) string { return strings.TrimSuffix(name, ".json") }

// minShort is the length that a short name has at least, so that it stays unique for a while.
const minShort = 8

// shortNames returns for each entry the beginning of its name that no other has.
func shortNames(entries []letters.Entry) map[string]string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return shorten(names)
}

// shorten returns for each name its beginning that no other has.
func shorten(names []string) map[string]string {
	slices.Sort(names)
	names = slices.Compact(names)
	short := make(map[string]string, len(names))
	for i, name := range names {
		length := minShort
		if i > 0 {
			length = max(length, common(name, names[i-1])+1)
		}
		if i+1 < len(names) {
			length = max(length, common(name, names[i+1])+1)
		}
		base := shortened(name)
		short[name] = base[:min(length, len(base))]
	}
	return short
}

// common returns how many bytes two names begin with in common.
func common(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
