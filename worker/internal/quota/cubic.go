package quota

import (
	"math"
	"time"
)

// A rate is cut when a call was refused, and comes back as the congestion window of TCP CUBIC does (RFC 9438), with the quota in
// place of a link: fast to where it was refused, slowly past that, then ever faster. So those who share a quota come to equal
// shares, and whoever is alone again has all of it after
//
//	leastBack + (99 calls/s ÷ growth)^⅓ = 13 s.
//
// Small rates grow evenly at first, like those of TCP Reno: among twenty, chance then decides less about who gets how much.
const (
	cut       = 0.85            // of the rate is left
	growth    = 0.1             // calls a second, by the third power of a second
	steady    = 0.5             // calls a second, each second
	leastBack = 3 * time.Second // until growth has a say in small rates

	leastRate = 0.1 // calls a second
)

// A cubic is a rate, in calls a second.
type cubic struct {
	most    float64
	at      time.Time     // when it was cut last; zero if it never was
	left    float64       // by that cut
	refused float64       // where it was before that cut, or somewhat below
	back    time.Duration // how long after that cut it is there again
}

// of returns the rate of now.
func (c *cubic) of(now time.Time) float64 {
	if c.at.IsZero() {
		return c.most
	}
	since := max(0, now.Sub(c.at)) // others may have cut it after now was looked at
	beyond := (since - c.back).Seconds()
	return min(c.most, max(c.left+steady*since.Seconds(), c.refused+growth*beyond*beyond*beyond))
}

// cut lowers the rate, which was that at most. If it had not come back to where it was refused before, others have come, and it
// leaves them room: it comes back to less.
func (c *cubic) cut(rate float64, now time.Time) {
	c.left = max(cut*rate, min(leastRate, c.most))
	if rate < c.refused {
		rate *= (1 + cut) / 2
	}
	c.at, c.refused = now, rate
	c.back = max(leastBack, time.Duration(math.Cbrt((rate-c.left)/growth)*float64(time.Second)))
}
