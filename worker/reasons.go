package worker

import (
	"cmp"
	"maps"
	"slices"
)

// A Reason says why an event is given up: a short token, to count by, with a Text for people.
type Reason string

// The reasons to give an event up. ReasonLastTry and ReasonNoRetry are those of a receiver of callbacks, which VOD calls three
// times at most; ReasonCrashes is that of an inbox.
const (
	ReasonAttempts  Reason = "attempts"
	ReasonPermanent Reason = "permanent"
	ReasonAge       Reason = "age"
	ReasonUnmatched Reason = "unmatched"
	ReasonLastTry   Reason = "last_try"
	ReasonNoRetry   Reason = "no_retry"
	ReasonCrashes   Reason = "crashes"
)

// Letters that are kept have these words in them: another wording is another reason to who reads an old one.
var reasonTexts = map[Reason]string{
	ReasonAttempts:  "its handlers have used up their attempts",
	ReasonPermanent: "a handler failed permanently",
	ReasonAge:       "it has failed for too long",
	ReasonUnmatched: "no handler wants it",
	ReasonLastTry:   "VOD has tried for the last time",
	ReasonNoRetry:   "VOD did not try again",
	ReasonCrashes:   "a process has ended five times while it handled it",
}

// Reasons returns all of them.
func Reasons() []Reason { return slices.Sorted(maps.Keys(reasonTexts)) }

// Text says it in words. That of a Reason which is none of the constants is the Reason itself.
func (r Reason) Text() string { return cmp.Or(reasonTexts[r], string(r)) }

// A LeftReason says why a delivery was not run: a short token, to count by, with a Text for people.
type LeftReason string

// The reasons to leave a delivery to be handed out again.
const (
	LeftLate       LeftReason = "late"
	LeftStopping   LeftReason = "stopping"
	LeftStuck      LeftReason = "stuck"
	LeftFailed     LeftReason = "failed"
	LeftSittingOut LeftReason = "sitting_out"
	LeftDown       LeftReason = "down"
	LeftUnmatched  LeftReason = "unmatched"
	LeftSurplus    LeftReason = "surplus"
)

var leftTexts = map[LeftReason]string{
	LeftLate:       "too little of its window is left",
	LeftStopping:   "the worker is stopping",
	LeftStuck:      "a handler of an earlier delivery has not returned",
	LeftFailed:     "it failed earlier in this drain",
	LeftSittingOut: "it has failed before, and sits this delivery out",
	LeftDown:       "a handler that it needs is down",
	LeftUnmatched:  "no handler wants it",
	LeftSurplus:    "its answer held more events than one may",
}

// LeftReasons returns all of them.
func LeftReasons() []LeftReason { return slices.Sorted(maps.Keys(leftTexts)) }

// Text says it in words; one that is none of the constants, as it is.
func (r LeftReason) Text() string { return cmp.Or(leftTexts[r], string(r)) }

// A Stage says what a delivery was at when its lease was lost: a short token, to count by.
type Stage string

// The stages at which a lease can be lost.
const (
	StageWaiting    Stage = "waiting"    // for a place: too little of the window was left, see LeftLate
	StageHandling   Stage = "handling"   // its handlers, or who writes it to the dead letters, had not returned
	StageConfirming Stage = "confirming" // it was handled, and no confirm has succeeded
)

// Stages returns all of them.
func Stages() []Stage { return []Stage{StageWaiting, StageHandling, StageConfirming} }
