package letters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// Settle implements [Store].
func (d *Dir) Settle(ctx context.Context, name string, outcomes []worker.Outcome) (gone bool, err error) {
	err = d.change(ctx, func(folder *os.Root) error {
		file, err := d.read(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			gone = true
			return nil
		}
		if err != nil || len(outcomes) == 0 {
			return err
		}
		letter := settled(file.letter(), outcomes)
		if len(letter.Missing) == 0 {
			gone = true
			return d.remove(folder, name)
		}
		if err := d.put(folder, name, letter); err != nil {
			return err
		}
		return d.syncNames(folder)
	})
	if err != nil {
		return false, fmt.Errorf("settle dead letter: %w", err)
	}
	return gone, nil
}

func settled(letter worker.DeadLetter, outcomes []worker.Outcome) worker.DeadLetter {
	if len(letter.Missing) == 0 {
		for _, o := range outcomes {
			letter.Missing = append(letter.Missing, o.Handler)
		}
	}
	for _, o := range outcomes {
		switch o.Kind {
		case worker.OK:
			letter.Missing = slices.DeleteFunc(letter.Missing, func(name string) bool { return name == o.Handler })
		case worker.Interrupted: // says nothing of the handler
		default:
			letter.Last = time.Now()
			if o.Err != nil {
				letter.LastError = o.Err.Error()
			}
		}
	}
	return letter
}

// Purge implements [Store].
func (d *Dir) Purge(ctx context.Context, name string) error {
	if err := d.change(ctx, func(folder *os.Root) error { return d.remove(folder, name) }); err != nil {
		return fmt.Errorf("remove dead letter: %w", err)
	}
	return nil
}

func (d *Dir) remove(folder *os.Root, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := folder.Remove(name); err != nil { // of a link the link itself
		return fmt.Errorf("%s: %w", d.path, err)
	}
	return d.syncNames(folder)
}
