package broker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

func hangs(ctx context.Context) error { <-ctx.Done(); return say.Ended(ctx) }

func TestABrokerThatGivesNoAnswerIsToBlame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for of, after := range map[time.Duration]time.Duration{25 * time.Second: 24 * time.Second, 3 * time.Second: 2700 * time.Millisecond, time.Second - time.Millisecond: 900 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), of)
			began := time.Now()
			err := InTime(ctx, hangs)
			if took := time.Since(began); !worker.IsUnreachable(err) || errors.Is(err, context.DeadlineExceeded) || took.Round(time.Millisecond*10) != after || !strings.HasPrefix(err.Error(), "no answer in "+after.String()) {
				t.Errorf("of %v: %v after %v", of, err, took)
			}
			cancel()
		}
	})
}

func TestNobodyIsToBlameForAnEventWhoseTimeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, until := range map[string]func() (context.Context, context.CancelFunc){
			"a short time": func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(t.Context(), 400*time.Millisecond)
			},
			"a stop": func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			},
			"a stop without a time": func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			},
		} {
			ctx, cancel := until()
			if err := InTime(ctx, hangs); !errors.Is(err, ctx.Err()) || ctx.Err() == nil || worker.IsUnreachable(err) || worker.IsPermanent(err) {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
		}
	})
}

// Between the two ends the hand only returns.
func TestAnEventWhoseTimeEndsWhileItIsHandedBackSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := errors.New("the lease is over")
		ctx, cancel := context.WithCancelCause(t.Context())
		timed, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		err := InTime(timed, func(early context.Context) error {
			<-early.Done()
			cancel(over)
			return say.Ended(early)
		})
		if !errors.Is(err, over) || !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || worker.IsUnreachable(err) {
			t.Error(err)
		}
	})
}

// What is known of an event stays so, at whatever time.
func TestWhatABrokerSaysStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, said := range []error{nil, worker.Permanent(errors.New("too large")), worker.Unreachable(errors.New("not the leader"))} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if err := InTime(ctx, func(ctx context.Context) error { <-ctx.Done(); return said }); err != said {
				t.Errorf("%v, want %v", err, said)
			}
			cancel()
		}
	})
}
