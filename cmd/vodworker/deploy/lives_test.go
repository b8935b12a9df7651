package deploy

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A lived life is what a worker goes through, and which alerts fire meanwhile, and when; no others do.
type lived struct {
	name     string
	emulated vodtest.Config
	every    time.Duration // from one scrape to the next; 0: 30 s
	act      func(l *life)
	firings  []firing
}

var lives = []lived{
	{name: "an idle hour", act: func(l *life) {
		defer l.start(worker.Options{}, done)()
		l.until(time.Hour)
	}},

	{name: "a busy hour", emulated: vodtest.Config{Quota: vodtest.DocumentedQuota(), RoundTrip: 50 * time.Millisecond}, act: func(l *life) {
		var n atomic.Int64
		defer l.start(worker.Options{}, func(context.Context, events.Event) error {
			if n.Add(1)%10 == 0 {
				return errors.New("no")
			}
			time.Sleep(time.Duration(n.Load()%30) * 100 * time.Millisecond)
			return nil
		})()
		l.until(time.Hour, func() { l.upload(100) })
	}},

	{name: "the API away, then the key refused", act: func(l *life) {
		defer l.start(worker.Options{}, done)()
		l.until(5 * time.Minute)
		l.emulator.Script(vodtest.Fault{Kind: vodtest.FaultBadGateway})
		l.until(20 * time.Minute)
		l.emulator.Script()
		l.until(25 * time.Minute)
		l.emulator.Script(vodtest.Fault{Code: "AuthFailure.SecretIdNotFound"})
		l.until(35 * time.Minute)
		l.emulator.Script()
		l.until(40 * time.Minute)
	}, firings: []firing{
		{`VodworkerNoSuccessfulPull{app="default"}`, 8 * time.Minute, 20 * time.Minute},
		{`VodworkerNoSuccessfulPull{app="default"}`, 28 * time.Minute, 35 * time.Minute},
	}},

	{name: "the API away from the start", act: func(l *life) {
		l.emulator.Script(vodtest.Fault{Kind: vodtest.FaultBadGateway})
		defer l.start(worker.Options{}, done)()
		l.until(10 * time.Minute)
	}, firings: []firing{{`VodworkerNoSuccessfulPull{app="default"}`, 3 * time.Minute, 0}}},

	{name: "a key refused from the start", act: func(l *life) {
		l.emulator.Script(vodtest.Fault{Code: "AuthFailure.SecretIdNotFound"})
		defer l.start(worker.Options{}, done)()
		l.until(10 * time.Minute)
	}, firings: []firing{{`VodworkerApplicationDown{app="default"}`, 2 * time.Minute, 0}}},

	{name: "the mode PUSH, first without a receiver", act: func(l *life) {
		defer l.start(worker.Options{}, done)()
		receiver := l.receiver.Swap(nil)
		one := func() { l.upload(1) }
		l.until(5*time.Minute, one)
		l.mode = tencent.ModePush
		if err := l.emulator.PushTo(0, "http://receiver/", ""); err != nil {
			l.Fatal(err)
		}
		l.until(20*time.Minute, one)
		l.receiver.Store(receiver)
		l.until(30*time.Minute, one)
	}, firings: []firing{{`VodworkerModeNotPull{app="default", mode="PUSH"}`, 10 * time.Minute, 20 * time.Minute}}},

	{name: "a callback that fails", act: func(l *life) {
		defer l.start(worker.Options{}, func(context.Context, events.Event) error { return errors.New("no") })()
		l.until(5 * time.Minute)
		if err := l.emulator.PushTo(0, "http://receiver/", ""); err != nil {
			l.Fatal(err)
		}
		l.upload(1)
		l.until(20 * time.Minute)
	}, firings: []firing{{`VodworkerCallbacksLost{app="default"}`, 5 * time.Minute, 15 * time.Minute}}},

	{name: "a handler down", act: func(l *life) {
		var away atomic.Bool
		defer l.start(worker.Options{}, func(context.Context, events.Event) error {
			if away.Load() {
				return worker.Unreachable(errors.New("connection refused"))
			}
			return nil
		})()
		one := func() { l.upload(1) }
		l.until(5*time.Minute, one)
		away.Store(true)
		l.until(30*time.Minute, one)
		away.Store(false)
		l.until(40*time.Minute, one)
	}, firings: []firing{{`VodworkerHandlerDown{app="default", handler="archive"}`, 16 * time.Minute, 30 * time.Minute}}},

	{name: "a handler that becomes slower, then nothing", act: func(l *life) {
		begun := time.Now()
		defer l.start(worker.Options{}, func(context.Context, events.Event) error {
			time.Sleep(time.Since(begun) / 120) // 25 s after 50 minutes
			return nil
		})()
		l.until(49*time.Minute, func() { l.upload(2) })
		l.until(65 * time.Minute)
	}, firings: []firing{{`VodworkerLeaseLeftLow{app="default"}`, 48*time.Minute + 30*time.Second, 59 * time.Minute}}},

	{name: "more events than places", act: func(l *life) {
		defer l.start(worker.Options{Concurrency: 1}, func(context.Context, events.Event) error {
			time.Sleep(8 * time.Second)
			return nil
		})()
		l.until(5 * time.Minute)
		l.until(20*time.Minute, func() { l.upload(5) })
	}, firings: []firing{
		{`VodworkerLeaseLost{app="default", stage="waiting"}`, 6 * time.Minute, 0},
		{`VodworkerLeaseLeftLow{app="default"}`, 0, 0},
	}},

	{name: "confirms that fail", act: func(l *life) {
		defer l.start(worker.Options{}, done)()
		one := func() { l.upload(1) }
		l.until(5*time.Minute, one)
		l.emulator.Script(vodtest.Fault{Action: "ConfirmEvents", Kind: vodtest.FaultBadGateway})
		l.until(15*time.Minute, one)
		l.emulator.Script()
		l.until(30*time.Minute, one)
	}, firings: []firing{{`VodworkerLeaseLost{app="default", stage="confirming"}`, 6 * time.Minute, 25 * time.Minute}}},

	{name: "others who use the quota", emulated: vodtest.Config{Quota: vodtest.Quota{Kind: vodtest.QuotaSliding, Rates: map[string]int{"PullEvents": 2}}}, act: func(l *life) {
		defer l.start(worker.Options{}, done)()
		l.until(5 * time.Minute)
		var ended atomic.Bool
		go func() {
			for !ended.Load() {
				time.Sleep(70 * time.Millisecond)
				go func() { _, _ = l.emulator.Pull(l.Context(), 1) }()
			}
		}()
		l.until(30 * time.Minute)
		ended.Store(true)
		l.until(40 * time.Minute)
	}, firings: []firing{{`VodworkerThrottled{app="default", action="PullEvents"}`, 20*time.Minute + 30*time.Second, 35 * time.Minute}}},

	{name: "a letter", act: func(l *life) {
		var n atomic.Int64
		defer l.start(worker.Options{DeadLetters: kept}, func(context.Context, events.Event) error {
			if n.Add(1) == 10 {
				return worker.Permanent(errors.New("no"))
			}
			return nil
		})()
		l.until(30*time.Minute, func() { l.upload(1) })
	}, firings: []firing{{`VodworkerLettersGrew{app="default", handler="archive", reason="permanent"}`, 5 * time.Minute, 20 * time.Minute}}},

	{name: "a handler that returns late, then one that does not return", act: func(l *life) {
		var n atomic.Int64
		defer l.start(worker.Options{}, func(context.Context, events.Event) error {
			switch n.Add(1) {
			case 10:
				time.Sleep(5 * time.Minute)
			case 40:
				time.Sleep(15 * time.Minute)
			}
			return nil
		})()
		l.until(40*time.Minute, func() { l.upload(1) })
	}, firings: []firing{
		{`VodworkerLeaseLost{app="default", stage="handling"}`, 5*time.Minute + 30*time.Second, 15 * time.Minute},
		{`VodworkerLeaseLost{app="default", stage="handling"}`, 20*time.Minute + 30*time.Second, 30 * time.Minute},
		{`VodworkerStuckHandler{app="default"}`, 25*time.Minute + 30*time.Second, 35 * time.Minute},
	}},

	{name: "an inbox that fails, falls behind, and loses a handler", every: 2 * time.Minute, act: func(l *life) {
		l.box.Handlers = []inbox.HandlerStatus{{Handler: "archive", Configured: true}}
		defer l.start(worker.Options{}, done)()
		l.until(10 * time.Minute)
		l.box.Failing = errors.New("the disk is full")
		l.until(20 * time.Minute)
		l.box.Failing = nil
		l.until(time.Hour)
		l.box.Handlers[0].Waiting, l.box.Handlers[0].Oldest = 3, time.Now()
		l.until(6 * time.Hour)
		l.box.Handlers[0].Configured = false
		l.until(7 * time.Hour)
	}, firings: []firing{
		{`VodworkerInboxFailing{}`, 13 * time.Minute, 20 * time.Minute},
		{`VodworkerInboxBehind{handler="archive"}`, 310 * time.Minute, 0},
		{`VodworkerInboxOrphans{handler="archive"}`, 375 * time.Minute, 0},
	}},

	{name: "updates, each another pod of another version, then an end", every: 3 * time.Minute, act: func(l *life) {
		for _, end := range []time.Duration{15, 30, 60} {
			stop := l.start(worker.Options{}, done)
			l.until(end * time.Minute)
			stop()
			l.until((end + 3) * time.Minute) // it is scraped once more
			l.Metrics = nil
			l.until((end + 6) * time.Minute)
		}
		l.until(26 * time.Hour)
	}, firings: []firing{{`VodworkerGone{}`, 69 * time.Minute, 25 * time.Hour}}},

	{name: "an event that fails for days", every: 15 * time.Minute, emulated: vodtest.Config{Hold: time.Minute}, act: func(l *life) {
		defer l.start(worker.Options{}, func(context.Context, events.Event) error { return errors.New("no") })()
		l.until(time.Hour)
		l.upload(1)
		l.until(106 * time.Hour)
	}, firings: []firing{{`VodworkerEventNearItsEnd{app="default"}`, 73*time.Hour + 30*time.Minute, 103 * time.Hour}}},

	{name: "an event that fails for days, with letters", every: 15 * time.Minute, emulated: vodtest.Config{Hold: time.Minute}, act: func(l *life) {
		defer l.start(worker.Options{DeadLetters: kept}, func(context.Context, events.Event) error { return errors.New("no") })()
		l.until(time.Hour)
		l.upload(1)
		l.until(80 * time.Hour)
	}, firings: []firing{{`VodworkerLettersGrew{app="default", handler="archive", reason="age"}`, 0, 0}}},

	{name: "a drain every ten minutes, then none", every: time.Minute, act: func(l *life) {
		l.file = l.TempDir() + "/vodworker.prom"
		for i := range 30 {
			l.emulator.Script()
			if i >= 5 && i < 20 {
				l.emulator.Script(vodtest.Fault{Kind: vodtest.FaultBadGateway})
			}
			l.upload(10)
			l.drain(done)
			l.until(time.Duration(i+1) * 10 * time.Minute)
		}
		l.until(8 * time.Hour)
	}, firings: []firing{
		{`VodworkerDrainWithoutSuccess{}`, 165 * time.Minute, 200 * time.Minute},
		{`VodworkerDrainWithoutSuccess{}`, 415 * time.Minute, 0},
	}},

	{name: "a drain with letters, though another event fails", every: time.Minute, act: func(l *life) {
		l.file = l.TempDir() + "/vodworker.prom"
		for i := range 6 {
			var n atomic.Int64
			l.upload(10)
			l.drain(func(context.Context, events.Event) error {
				switch n := n.Add(1); {
				case i != 2 && i != 3:
				case n == 5:
					return worker.Permanent(errors.New("no"))
				case n == 6:
					return errors.New("no")
				}
				return nil
			})
			l.until(time.Duration(i+1) * time.Hour / 2)
		}
	}, firings: []firing{{`VodworkerLettersGrew{app="default", handler="archive", reason="permanent"}`, time.Hour, 2 * time.Hour}}},

	// The file says that the last success was at 0, which is two hours ago when these have passed.
	{name: "a drain that never succeeds", every: time.Minute, act: func(l *life) {
		l.file = l.TempDir() + "/vodworker.prom"
		l.emulator.Script(vodtest.Fault{Code: "AuthFailure.SecretIdNotFound"})
		l.drain(done)
		l.until(150 * time.Minute)
	}, firings: []firing{{`VodworkerDrainWithoutSuccess{}`, 125 * time.Minute, 0}}},
}

func TestTheLivesOfWorkersRaiseTheirAlerts(t *testing.T) {
	if !*must {
		t.Skip("it takes a while: make alerts runs it")
	}
	for _, test := range lives {
		t.Run(test.name, func(t *testing.T) {
			if test.every == 0 {
				test.every = 30 * time.Second
			}
			series := live(t, test.every, test.emulated, test.act)
			checkFirings(t, test.every, series, test.firings)
		})
	}
}
