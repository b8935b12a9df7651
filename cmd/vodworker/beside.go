package main

import (
	"context"
	"errors"
	"sync"
)

// A part is one of what a process does side by side.
type part struct {
	run   func(context.Context) error // nil: the process does not do it
	ended string                      // what its end means to others
}

const (
	endedReceiving = "the receiver of callbacks has ended"
	endedPulling   = "nothing is pulled any more"
	endedInbox     = "nothing is handed out of the inbox any more"
)

// beside runs parts until all of them have ended. None outlives another.
func beside(ctx context.Context, parts ...part) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errs := make([]error, len(parts))
	var going sync.WaitGroup
	for i, p := range parts {
		if p.run == nil {
			continue
		}
		going.Go(func() {
			errs[i] = p.run(ctx)
			cancel(errors.New(p.ended))
		})
	}
	going.Wait()
	return errors.Join(errs...)
}
