package main

import (
	"context"
	"sync"
)

// A pool runs work side by side, up to a number at once.
type pool struct {
	places  chan struct{}
	running sync.WaitGroup
}

func newPool(size int) *pool { return &pool{places: make(chan struct{}, size)} }

// run starts work as soon as a place is free. It reports false, and does not start it, if ctx ended first.
func (p *pool) run(ctx context.Context, work func()) bool {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if ctx.Err() != nil {
		return false // both were ready
	}
	p.running.Go(func() {
		defer func() { <-p.places }()
		work()
	})
	return true
}

// wait waits for what was started.
func (p *pool) wait() { p.running.Wait() }
