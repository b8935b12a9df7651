package watch

import (
	"context"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
)

const summaryEvery = 10 * time.Minute

// A count is a number of a summary, by its name in the log.
type count struct {
	name string
	n    int
}

func counts(s worker.Summary) []count {
	return []count{
		{"pulled", s.Pulled}, {"handled", s.Handled}, {"confirmed", s.Confirmed}, {"failed", s.Failed}, {"left", s.Left},
		{"dead_lettered", s.DeadLettered}, {"abandoned", s.Abandoned}, {"unconfirmed", s.Unconfirmed},
	}
}

// summarize says every ten minutes what became of events since the last time, unless nothing did.
func (a *Application) summarize(ctx context.Context) {
	before := counts(worker.Summary{})
	for sleep(ctx, summaryEvery) {
		status := a.Status()
		now := counts(status.Summary)
		if slices.Equal(now, before) {
			continue
		}
		line := a.Log.Info()
		for i, count := range now {
			line.Int(count.name, count.n-before[i].n)
		}
		before = now
		line.Int("in_flight", status.Waiting+status.Handling+status.Writing+status.Confirming)
		addStrs(line, "down", status.DownNow)
		if status.Failing != nil {
			line.AnErr("failing", status.Failing)
		}
		line.Msg("summary")
	}
}

// addStrs adds a list that is not empty.
func addStrs(line *zerolog.Event, key string, list []string) {
	if len(list) > 0 {
		line.Strs(key, list)
	}
}
