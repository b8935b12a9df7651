package vodtest

import (
	"math/rand/v2"
	"slices"
)

// Duplicate makes the n events that were handed out last, and are still hidden, come again though their windows go on.
// Each has a handle of its own then, either of which confirms it; the other one is bad from then on. It returns how many
// there were. A queue that promises each event at least once may do that at any time.
func (e *Emulator) Duplicate(subAppID uint64, n int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	q := &a.queue
	done := 0
	for place := q.leased.Back(); place != nil && done < n; place = place.Prev() {
		if it := place.Value.(*lease).of; it.inFlight() {
			q.wait(it)
			done++
		}
	}
	e.serve(a)
	return done
}

// Shuffle puts the events that wait into another order, which the seed decides.
func (e *Emulator) Shuffle(subAppID, seed uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	waiting := &e.app(subAppID).queue.waiting
	places := make([]*item, 0, waiting.Len())
	for place := waiting.Front(); place != nil; place = place.Next() {
		places = append(places, place.Value.(*item))
	}
	slices.SortFunc(places, func(a, b *item) int { return a.seq - b.seq }) // so that the seed alone decides
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	for _, it := range places {
		waiting.MoveToBack(it.place)
	}
}
