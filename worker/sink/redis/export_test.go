package redis

import (
	"context"
	"time"

	"github.com/vodworker/vodworker/events"
)

// Together adds events in one pipeline, and returns what became of each.
func (s *Sink) Together(ctx context.Context, all ...events.Event) []error {
	var batch []*entry
	for _, e := range all {
		next, err := s.entry(ctx, e)
		if err != nil {
			return []error{err}
		}
		batch = append(batch, next)
	}
	s.send(batch)
	var errs []error
	for _, e := range batch {
		errs = append(errs, <-e.done)
	}
	return errs
}

// RisksOf returns what Risks says to these answers.
func (s *Sink) RisksOf(info, fsync string) []string { return s.risks(fields(info), fsync) }

// SetSilence is for before the first event.
func (s *Sink) SetSilence(d time.Duration) { s.silence = d }

// Pipelines returns how bodies of these sizes go out if they wait at the same time, and so many may be in flight.
func Pipelines(inFlight int, sizes ...int) (all [][]int) {
	s := &Sink{opts: Options{}, queue: make(chan *entry, len(sizes))}
	s.opts.MaxInFlight = inFlight
	for _, size := range sizes {
		s.queue <- &entry{size: size}
	}
	var first *entry
	for first != nil || len(s.queue) > 0 {
		if first == nil {
			first = <-s.queue
		}
		var batch []*entry
		batch, first = s.gather(first)
		var pipeline []int
		for _, e := range batch {
			pipeline = append(pipeline, e.size)
		}
		all = append(all, pipeline)
	}
	return all
}
