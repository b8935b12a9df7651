package sim_test

import "time"

// A dice decides by the seed and by what is to be decided, whatever was decided before: concurrent goroutines draw
// from it in any order and still meet the same fate.
type dice uint64

// of returns the dice of one decision: by what it is about and by numbers that say which one.
func (d dice) of(what string, which ...int) dice {
	h := uint64(d)
	for i := range len(what) {
		h = scramble(h ^ uint64(what[i]))
	}
	for _, n := range which {
		h = scramble(h ^ uint64(n))
	}
	return dice(h)
}

// scramble is SplitMix64.
func scramble(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n returns one of 0 to n-1.
func (d dice) n(n int) int { return int(uint64(d) % uint64(n)) }

func (d dice) oneIn(n int) bool { return d.n(n) == 0 }

// perMille is true in so many of a thousand cases.
func (d dice) perMille(n int) bool { return d.n(1000) < n }

// between returns a duration, to the millisecond.
func (d dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.n(int((most-least)/time.Millisecond)+1))*time.Millisecond
}

func pick[T any](d dice, from ...T) T { return from[d.n(len(from))] }
