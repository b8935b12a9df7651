package blame

import "time"

const (
	// maxHistory bounds what is known of a lane. Of more than that the oldest is dropped: what is newer says as much.
	maxHistory = 1024

	// A newcomer is an event that first failed after the one in question. Each takes this many successes to make up for: a
	// receiver that refuses every third event gets two for each, and may not be taken for well.
	successesPerNewcomer = 3

	leastSuccesses = 2
)

// An outcome is one run of a handler for an event.
type outcome struct {
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended"`
	Clean    bool      `json:"clean,omitempty"`    // it succeeded at the first try, and had not failed before
	First    time.Time `json:"first,omitzero"`     // when its event first failed; zero: it succeeded
	Newcomer bool      `json:"newcomer,omitempty"` // that was this time
}

// A history is what a handler did with events of one type since one of them failed, oldest first.
type history struct{ outcomes []outcome }

func (h *history) add(o outcome) {
	if len(h.outcomes) >= maxHistory {
		h.outcomes = append(h.outcomes[:0], h.outcomes[maxHistory/4:]...)
	}
	h.outcomes = append(h.outcomes, o)
}

// Ran notes how a handler's run for an event ended that began then: with its Case if it failed, nil if it succeeded. clean
// says that it succeeded at the first try, and had not failed the event before.
func (b *Book) Ran(lane Lane, c *Case, clean bool, began, now time.Time) {
	if b.Empty() {
		return
	}
	h := b.lanes[lane]
	if h == nil {
		h = &history{}
		b.lanes[lane] = h
	}
	o := outcome{Began: began, Ended: now, Clean: clean}
	if c != nil {
		o.First, o.Newcomer = c.First, c.First.Equal(c.Last)
	}
	h.add(o)
}

// Guilty reports whether an event is to blame for the failure that it has just had, whose run began then, as its attempts-th
// or a later one: because the handler is well otherwise. Nothing else has failed beside it or in the window before. Since its
// failure before this one, the handler has begun and finished well more others of its type than have failed. And since its
// first failure there were enough of those: twice as many as attempts, and three for each newcomer. Who sees the event more
// seldom than once in a window, since it has replicas, sees fewer others too, and asks for fewer.
//
// A success counts if it was clean: where a receiver flaps, others succeed as well, but not at once. Events that first failed
// within two windows of this one are not held against it: they may have come with it, and be as bad.
func (b *Book) Guilty(lane Lane, c *Case, before time.Time, began time.Time, attempts int) bool {
	h := b.lanes[lane]
	if h == nil || attempts == 0 || c.Count < attempts || before.IsZero() {
		return false
	}
	goodSince, badSince, good, newcomers := 0, 0, 0, 0
	for i := len(h.outcomes) - 1; i >= 0; i-- {
		o := h.outcomes[i]
		failed, other := !o.First.IsZero(), !o.First.Equal(c.First)
		apart := o.First.Sub(c.First).Abs() > 2*b.window
		switch {
		case failed && other && !o.Ended.Before(began.Add(-b.window)):
			return false
		case o.Clean && !o.Began.Before(c.First):
			good++
			if !o.Began.Before(before) {
				goodSince++
			}
		case failed && apart && !o.Ended.Before(before):
			badSince++
		}
		if o.Newcomer && apart && o.Ended.After(c.First) {
			newcomers++
		}
	}
	seldom := min(1, float64(c.seen)*float64(b.window)/float64(max(c.Last.Sub(c.First), b.window)))
	need := max(float64(min(leastSuccesses, attempts)), float64(2*attempts)*seldom)
	return goodSince > badSince && float64(good) >= need+float64(successesPerNewcomer*newcomers)
}
