package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// dice are safe for concurrent use.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func newDice(seed, stream uint64) *dice { return &dice{rng: rand.New(rand.NewPCG(seed, stream))} }

func (d *dice) float() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64()
}

func (d *dice) chance(p float64) bool { return d.float() < p }

func (d *dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.float()*float64(most-least))
}

// index returns a number below n.
func (d *dice) index(n int) int { return int(d.float() * float64(n)) }

// pick returns the index of one of the shares, each as likely as it is large, and -1 for what they leave of 1.
func (d *dice) pick(shares ...float64) int {
	x := d.float()
	for i, share := range shares {
		if x -= share; x < 0 {
			return i
		}
	}
	return -1
}

// A deck deals each of its cards once, in any order, before any comes again. It is safe for concurrent use.
type deck[T any] struct {
	dice *dice
	all  []T

	mu   sync.Mutex
	left []T
}

func newDeck[T any](dice *dice, cards ...T) *deck[T] { return &deck[T]{dice: dice, all: cards} }

func (d *deck[T]) deal() T {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.left) == 0 {
		d.left = slices.Clone(d.all)
	}
	i := d.dice.index(len(d.left))
	card := d.left[i]
	d.left = slices.Delete(d.left, i, i+1)
	return card
}

// A fate is what the receiver makes of an event, apart from what befalls all of them.
type fate int

const (
	good   fate = iota
	poison      // refused for good
	sick        // fails each time, until the storm is over
)

func (d *dice) fate() fate {
	switch d.pick(0.01, 0.02) {
	case 0:
		return poison
	case 1:
		return sick
	}
	return good
}

// passes waits, and reports false if ctx ended first.
func passes(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
