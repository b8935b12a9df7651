package emulate

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A replay sends the events of a recording again.
type replay struct {
	recording
	speed float64
	log   zerolog.Logger
}

// newReplay checks all of the recording, so that a test does not fail in the midst of it.
func (o *Options) newReplay(log zerolog.Logger) (*replay, error) {
	if !(o.speed > 0) || math.IsInf(o.speed, 1) {
		return nil, usage.Mistaken(fmt.Errorf("--speed %v: it must be more than 0: 1 as it was, 10 ten times as fast", o.speed))
	}
	if o.replayed == "" {
		return nil, nil
	}
	r := &replay{recording{name: o.replayed}, o.speed, log}
	if err := r.check(); err != nil {
		return nil, usage.Mistaken(fmt.Errorf("--replay: %w", err))
	}
	if r.cut {
		log.Warn().Msgf("--replay %s: its last line is cut, and is passed over", r.name)
	}
	return r, nil
}

// run sends each event as long after the first one as it was then, or sooner by the speed; one whose time is over at once. It
// ends with ctx.
func (r *replay) run(ctx context.Context, emulator *vodtest.Emulator) {
	if r == nil {
		return
	}
	sent := 0
	var began, first time.Time
	for event, err := range r.events() {
		if err != nil {
			r.log.Error().Err(err).Int("events", sent).Msg("the replay has ended: the file has changed since it was checked")
			return
		}
		if sent == 0 {
			began, first = time.Now(), event.Time
		}
		if sleepUntil(ctx, began.Add(r.shortened(event.Time.Sub(first)))) != nil {
			r.log.Info().Int("events", sent).Msg("the replay was ended")
			return
		}
		if err := emulator.Send(event.SubAppID, event.Event); err != nil {
			r.log.Error().Err(err).Int("events", sent).Msg("the replay has ended: the emulator does not take the next event")
			return
		}
		sent++
	}
	r.log.Info().Int("events", sent).Msg("the replay is over")
}

// shortened returns how long a distance lasts.
func (r *replay) shortened(distance time.Duration) time.Duration {
	const most = float64(math.MaxInt64 / 2)
	return time.Duration(min(float64(distance)/r.speed, most))
}

// sleepUntil returns at a time, at once if it is over, or with an error when ctx ends.
func sleepUntil(ctx context.Context, at time.Time) error {
	if ctx.Err() != nil || time.Until(at) <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
