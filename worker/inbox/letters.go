package inbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/letters"
)

// deadLetters are the events in a store that have dead jobs.
type deadLetters struct{ store store.Store }

// Write implements [letters.Store].
func (deadLetters) Write(context.Context, worker.DeadLetter) error {
	return errors.New("write dead letter: only the worker of an inbox writes letters into it")
}

// List implements [letters.Store].
func (d deadLetters) List(ctx context.Context) ([]letters.Entry, error) {
	dead, err := d.store.Dead(ctx, "", false)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	entries := make([]letters.Entry, len(dead))
	for i, e := range dead {
		letter := letterOf(e)
		key, _, _ := strings.Cut(e.ID, "-")
		entries[i] = letters.Entry{
			Name: e.ID, Key: key, SubAppID: e.App, Type: letter.Event.Type, File: e.File, Task: e.Task, Handle: e.Handle,
			Reason: letter.Reason, Missing: letter.Missing, LastError: letter.LastError, Attempts: letter.Attempts,
			First: letter.First, Last: letter.Last,
		}
	}
	return entries, nil
}

// Show implements [letters.Store].
func (d deadLetters) Show(ctx context.Context, name string) (worker.DeadLetter, error) {
	dead, err := []store.Event(nil), store.ErrNone
	if name != "" && isText(name) {
		dead, err = d.store.Dead(ctx, name, true)
	}
	if err == nil && len(dead) == 0 {
		err = store.ErrNone
	}
	if err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", gone(name, err))
	}
	return letterOf(dead[0]), nil
}

// letterOf makes a letter of an event with its dead jobs. It says why the last of them was given up.
func letterOf(e store.Event) worker.DeadLetter {
	now := time.Now().UTC().Truncate(time.Millisecond)
	letter := worker.DeadLetter{
		Event:   events.Event{SubAppID: e.App, Handle: e.Handle, Type: events.Type(e.Type), Raw: e.Body},
		Missing: []string{},
	}
	for _, j := range e.Jobs {
		first, last := now.Add(-j.LastFailed()), now.Add(-j.LastFailed())
		if j.Failed.Count > 0 {
			first = now.Add(-j.Failed.First)
		}
		if j.Handler != "" {
			letter.Missing = append(letter.Missing, j.Handler)
		}
		if letter.First.IsZero() || first.Before(letter.First) {
			letter.First = first
		}
		if last.After(letter.Last) {
			letter.Last, letter.Reason, letter.LastError = last, worker.Reason(j.Reason), j.Failed.Error
		}
		letter.Attempts = max(letter.Attempts, j.Failed.Attempts)
	}
	return letter
}

// Settle implements [letters.Store].
func (d deadLetters) Settle(ctx context.Context, name string, outcomes []worker.Outcome) (bool, error) {
	ends := make([]store.DeadEnd, len(outcomes))
	for i, o := range outcomes {
		ends[i] = store.DeadEnd{Handler: o.Handler, Done: o.Kind == worker.OK}
		if o.Err != nil && o.Kind != worker.Interrupted { // which says nothing of the handler
			ends[i].Error = text(o.Err.Error())
		}
	}
	if !isText(name) {
		return true, nil
	}
	left, err := d.store.Settle(ctx, name, ends)
	if err != nil {
		return false, fmt.Errorf("settle dead letter: %w", err)
	}
	return left == 0, nil
}

// Purge implements [letters.Store].
func (d deadLetters) Purge(ctx context.Context, name string) error {
	err := store.ErrNone
	if isText(name) {
		err = d.store.Purge(ctx, name)
	}
	if err != nil {
		return fmt.Errorf("remove dead letter: %w", gone(name, err))
	}
	return nil
}

// Requeue implements [letters.Requeuer].
func (d deadLetters) Requeue(ctx context.Context, name string, handlers []string) (n int, err error) {
	err = store.ErrNone
	if isText(name) {
		n, err = d.store.Revive(ctx, name, handlers)
	}
	if err != nil {
		return 0, fmt.Errorf("requeue dead letter: %w", gone(name, err))
	}
	return n, nil
}

// gone says in the words of a [letters.Store] that there is no such letter.
func gone(name string, err error) error {
	if errors.Is(err, store.ErrNone) {
		return fmt.Errorf("%q names no dead letter: %w", name, fs.ErrNotExist)
	}
	return err
}

// maxError is how many bytes of an error are kept.
const maxError = 2 << 10

// text returns what a column of text can hold of an error.
func text(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	return say.Cut(s, maxError-len("…"))
}
