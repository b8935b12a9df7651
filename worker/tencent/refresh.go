package tencent

import (
	"context"
	"math/rand/v2"
	"time"
)

// refresher is the one goroutine that calls the Provider. Close ends it.
func (k *Keyring) refresher(ctx context.Context) {
	defer close(k.done)
	for {
		timer := time.NewTimer(k.pause())
		select {
		case <-timer.C:
		case <-k.demand:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
		k.refresh(ctx)
	}
}

const never = 1<<63 - 1

// pause returns for how long nothing is to be refreshed unless somebody asks for it.
func (k *Keyring) pause() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	switch {
	case k.held != nil && k.held.Ends.IsZero():
		return never
	case k.tried.IsZero():
		return 0
	case k.failure != nil:
		pause := min(leastPause<<min(k.failures-1, 10), maxPause)
		return k.tried.Add(pause + rand.N(pause/10)).Sub(now) // replicas out of step
	}
	left := k.held.Ends.Sub(k.tried)
	return max(k.held.Ends.Add(-min(ahead, left/2)).Sub(now), k.tried.Add(leastPause).Sub(now))
}

func (k *Keyring) refresh(ctx context.Context) {
	k.mu.Lock()
	k.running = true
	select {
	case <-k.demand: // this is what was asked for
	default:
	}
	k.mu.Unlock()

	attempt, cancel := context.WithTimeout(ctx, refreshTime)
	got, err := k.provider(attempt)
	cancel()
	now := time.Now()
	var fresh *Credentials
	if err == nil {
		fresh, err = got.usable(now)
	}
	if ctx.Err() == nil {
		k.say(fresh, err, now)
	}

	k.mu.Lock()
	defer k.mu.Unlock()
	k.running, k.tried, k.failure = false, now, err
	close(k.finished)
	k.finished = make(chan struct{})
	if err != nil {
		k.failures++
		return
	}
	k.failures = 0
	if !k.holds(fresh) {
		k.refused = false
	}
	k.held = fresh // the same key may have a later end
}

// say logs what came of a refresh. A failure that goes on is logged once a minute. In its first minute it is no warning: the
// credentials that are held are good for longer, or the calls that wait for others say so.
func (k *Keyring) say(fresh *Credentials, err error, now time.Time) {
	k.mu.Lock()
	held, first := k.held, k.failures == 0
	k.mu.Unlock()
	k.trouble.Log = k.log
	k.trouble.Passing = first || now.Sub(k.trouble.Since) < time.Minute
	if err != nil {
		if held != nil && !held.Ends.IsZero() {
			k.trouble.Log = k.log.With().Time("end", held.Ends).Logger()
		}
		k.trouble.Report(now, err)
		return
	}
	k.trouble.Over(now)
	if !fresh.Ends.IsZero() {
		k.log.Debug().Str("from", fresh.IDFrom).Time("end", fresh.Ends).Msg("credentials")
	}
}
