package letters_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/letters"
)

// A queue has letters wait, which it writes down.
type queue struct {
	*letters.Dir
	asked []string
	err   error
}

func (q *queue) Requeue(_ context.Context, _ string, handlers []string) (int, error) {
	q.asked = append(q.asked, strings.Join(handlers, "+"))
	return len(handlers), q.err
}

func TestAReplayOfAQueueRunsNothingAndHasLettersWait(t *testing.T) {
	fails := func(context.Context, events.Event) error { return errors.New("it is run") }
	for _, test := range []struct {
		missing []string
		err     error
		asked   string
		want    letters.Replayed
		log     string
	}{
		{[]string{"h"}, nil, "h", letters.Replayed{Requeued: 1}, `"requeued":1,"left":0,"message":"dead letters wait for the worker again"`},
		{nil, nil, "h", letters.Replayed{Requeued: 1}, `"requeued":1`}, // nobody wanted it: now h does
		{[]string{"h", "retired"}, nil, "h", letters.Replayed{Left: 1}, `there is no such handler any more, the letter stays`},
		{[]string{"retired"}, nil, "", letters.Replayed{Left: 1}, `there is no such handler any more, the letter stays`},
		{[]string{"h"}, errors.New("no room"), "h", letters.Replayed{Left: 1}, `"error":"no room","message":"letter left as it is"`},
		{[]string{"h"}, fmt.Errorf("x: %w", fs.ErrNotExist), "h", letters.Replayed{Requeued: 1}, `"left":0`},
	} {
		dir, _ := newStore(t)
		write(t, dir, letterOf(uploadJSON, test.missing...))
		store := &queue{Dir: dir, err: test.err}
		replay := replayOf(t, store, fails)
		var log strings.Builder
		replay.Log = zerolog.New(&log)
		wantReplayed(t, replay.Run(t.Context(), names(list(t, dir))), test.want)
		if got := strings.Join(store.asked, ","); got != test.asked || !strings.Contains(log.String(), test.log) {
			t.Errorf("of a letter that lacks %q: asked for %q, said %s", test.missing, got, log.String())
		}
		if entries := list(t, dir); len(entries) != 1 || !slices.Equal(entries[0].Missing, append([]string{}, test.missing...)) {
			t.Errorf("the replay itself has changed the letter: %+v", entries)
		}
	}
}
