package letters

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/disk"
)

// A writing is a letter that is on the disk, and waits to be given its name.
type writing struct {
	draft, name string
	letter      worker.DeadLetter
	done        chan error // what came of it; never blocks
}

// Write implements [Store]. The letter is on the disk, under its name, when it returns nil. Letters that are written at the
// same time share the folder's lock, and the sync of their names.
func (d *Dir) Write(ctx context.Context, letter worker.DeadLetter) error {
	w, err := d.prepare(ctx, letter)
	if err == nil {
		defer d.leave(w)
		err = d.await(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	return nil
}

// prepare writes what takes time before the lock is needed: a draft, synced.
func (d *Dir) prepare(ctx context.Context, letter worker.DeadLetter) (*writing, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	folder, err := disk.OpenDir(d.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	w := &writing{name: letter.Event.ID() + suffix, letter: letter, done: make(chan error, 1)}
	w.letter.First = d.first(folder, w)
	if w.draft, err = d.draft(folder, w.letter); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, w)
	return w, nil
}

// await waits until a letter has its name. Whoever comes to the lock first gives all that wait by then theirs.
func (d *Dir) await(ctx context.Context, w *writing) error {
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return d.tooLong(ctx)
	case d.gate <- struct{}{}:
	}
	if len(w.done) > 0 { // both were ready
		<-d.gate
		return <-w.done
	}
	folder, unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	d.commit(folder, d.take())
	return <-w.done
}

func (d *Dir) take() []*writing {
	d.mu.Lock()
	defer d.mu.Unlock()
	group := d.waiting
	d.waiting = nil
	return group
}

// leave sees to it that a letter is not written behind the back of who has given up.
func (d *Dir) leave(w *writing) {
	d.mu.Lock()
	at := slices.Index(d.waiting, w)
	if at >= 0 {
		d.waiting = slices.Delete(d.waiting, at, at+1)
	}
	d.mu.Unlock()
	if at < 0 {
		return
	}
	if folder, err := disk.OpenDir(d.path); err == nil {
		_ = folder.Remove(w.draft)
		_ = folder.Close()
	}
}

// commit gives letters their names, and says of each what came of it. The caller holds the lock.
func (d *Dir) commit(folder *os.Root, group []*writing) {
	errs := make([]error, len(group))
	for i, w := range group {
		errs[i] = d.place(folder, w)
	}
	err := d.syncNames(folder)
	for i, w := range group {
		w.done <- errors.Join(errs[i], err)
	}
}

func (d *Dir) place(folder *os.Root, w *writing) error {
	if first := d.first(folder, w); !first.Equal(w.letter.First) { // somebody has written it meanwhile
		_ = folder.Remove(w.draft)
		w.letter.First = first
		return d.put(folder, w.name, w.letter)
	}
	return rename(folder, w.draft, w.name)
}

// first returns the earlier First, of a letter and of the one that it replaces. A file that can't be read, or is no letter,
// has none to keep; the event matters more than it.
func (d *Dir) first(folder *os.Root, w *writing) time.Time {
	first := w.letter.First
	old, err := d.read(folder, w.name)
	if err == nil && !old.First.IsZero() && (first.IsZero() || old.First.Before(first)) {
		return old.First
	}
	return first
}
