package brokertest

import (
	"context"
	"time"

	"github.com/vodworker/vodworker/worker/sink"
)

// delivered hands n events over while upheaval goes on, and sees that nothing is lost.
func (r *run) delivered(ctx context.Context, n int, upheaval func(*delivery) error) error {
	return r.opened(r.Open, func(to sink.Sink) error {
		d := deliver(ctx, to, r.events(n))
		defer d.stop()
		if err := upheaval(d); err != nil {
			return err
		}
		return d.finish(r)
	})
}

func restarts(ctx context.Context, r *run) error {
	return r.delivered(ctx, r.many, func(d *delivery) error {
		for parts, end := range []func(){r.Server.Stop, r.Server.Kill} {
			d.release(4 * (parts + 1))
			if err := d.untilAccepted(4*parts + 2); err != nil {
				return err
			}
			d.spoil()
			end()
			d.release(4 * (parts + 2))
			if err := d.untilFailed(); err != nil {
				return err
			}
			r.Server.Start()
			d.heal()
		}
		return nil
	})
}

// frozen is how long a server stands still: longer than clients and brokers wait for each other.
const frozen = 40 * time.Second

func freezes(ctx context.Context, r *run) error {
	return r.delivered(ctx, r.many, func(d *delivery) error {
		d.release(6)
		if err := d.untilAccepted(3); err != nil {
			return err
		}
		d.spoil()
		r.Server.Freeze()
		d.release(12)
		over := time.Now().Add(frozen)
		err := d.until(func() bool { return time.Now().After(over) }) // each try that ends has it look
		r.Server.Thaw()
		d.heal()
		return err
	})
}

func isMadeAgain(ctx context.Context, r *run) error {
	return r.delivered(ctx, r.many/5, func(d *delivery) error {
		d.release(6)
		if err := d.untilAccepted(3); err != nil {
			return err
		}
		d.spoil()
		r.Delete()
		d.forget()
		d.release(12)
		err := d.untilFailed()
		r.Make()
		d.heal()
		return err
	})
}
