package watch

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
)

const summaryEvery = 10 * time.Minute

// summarize says every ten minutes what became of events since the last time, unless nothing did.
func summarize(ctx context.Context, log zerolog.Logger, ask func() worker.Status) {
	var before worker.Summary
	for sleep(ctx, summaryEvery) {
		status := ask()
		var since worker.Summary
		add(&since, status.Summary, 1)
		add(&since, before, -1)
		if isEmpty(since) {
			continue
		}
		before = status.Summary
		line := log.Info().EmbedObject(since).
			Int("in_flight", status.Waiting+status.Handling+status.Writing+status.Confirming)
		addStrs(line, "down", status.DownNow)
		if status.Failing != nil {
			Failure(line, status.Failing)
		}
		line.Msg("summary")
	}
}

// add adds the counts of s to those of another summary; with times -1 it takes them away.
func add(to *worker.Summary, s worker.Summary, times int) {
	into, from := countsOf(to), countsOf(&s)
	for i := range into {
		*into[i] += times * *from[i]
	}
}

func isEmpty(s worker.Summary) bool {
	for _, count := range countsOf(&s) {
		if *count != 0 {
			return false
		}
	}
	return true
}

// countsOf are all that a line of the log shows.
func countsOf(s *worker.Summary) []*int {
	return []*int{
		&s.Pulled, &s.Handled, &s.Unmatched, &s.Confirmed, &s.Failed, &s.Left, &s.DeadLettered, &s.Abandoned, &s.Unconfirmed,
	}
}

// addStrs adds a list that is not empty.
func addStrs(line *zerolog.Event, key string, list []string) {
	if len(list) > 0 {
		line.Strs(key, list)
	}
}
