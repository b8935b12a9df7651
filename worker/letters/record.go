package letters

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

const (
	failures    = ".failures"
	maxFailures = 16 << 20 // bytes: 100,000 events of some 160 each
)

// Record is a Record for [worker.DeadLetters]. What it keeps is a file in the folder, .failures, up to 16 MiB; more is an error,
// and what was kept stays. It is not synced: a loss of power may take it, or leave anything. What can't be read counts as
// nothing, and is replaced.
func (d *Dir) Record(ctx context.Context, change func(kept []byte) []byte) error {
	err := d.change(ctx, func(folder *os.Root) error {
		kept, err := disk.Read(folder, failures, maxFailures)
		if err != nil || len(kept) == 0 {
			kept = nil
		}
		next := change(bytes.Clone(kept))
		switch {
		case bytes.Equal(next, kept):
			return nil
		case len(next) > maxFailures:
			return fmt.Errorf("%d bytes, of which %d MiB can be kept", len(next), maxFailures>>20)
		}
		name, err := draft(folder, next, unsynced)
		if err != nil {
			return err
		}
		return rename(folder, name, failures)
	})
	if err != nil {
		return fmt.Errorf("record failures: %w", err)
	}
	return nil
}

func unsynced(*os.File) error { return nil }
