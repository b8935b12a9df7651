package worker_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Two who listen hear the same, whatever a hook is called: one that Join forgets is silent for both.
func TestJoinedHooksAllHear(t *testing.T) {
	var heard []string
	listener := func(who string) worker.Hooks {
		var hooks worker.Hooks
		for field, value := range reflect.ValueOf(&hooks).Elem().Fields() {
			value.Set(reflect.MakeFunc(field.Type, func([]reflect.Value) []reflect.Value {
				heard = append(heard, who+field.Name)
				return nil
			}))
		}
		return hooks
	}
	for _, hooks := range []worker.Hooks{
		listener("a ").Join(listener("b ")), listener("a ").Join(worker.Hooks{}).Join(listener("b ")), worker.Hooks{}.Join(listener("a ")).Join(listener("b ")),
	} {
		heard = nil
		var want []string
		for field, value := range reflect.ValueOf(hooks).Fields() {
			value.Call([]reflect.Value{reflect.Zero(field.Type.In(0))})
			want = append(want, "a "+field.Name, "b "+field.Name)
		}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("-want +heard:\n%s", diff)
		}
	}
}

// Each hook says of which application it speaks, so that one listener can serve many.
func TestHooksSayOfWhichApplication(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Action: "PullEvents", First: 2, Last: 3, Code: "RequestLimitExceeded"})
		r.upload(6)
		const app = 1500000001
		var wrong []string
		said := map[string]bool{}
		note := func(hook string, subAppID uint64) {
			r.mu.Lock()
			defer r.mu.Unlock()
			said[hook] = true
			if subAppID != app {
				wrong = append(wrong, hook)
			}
		}
		var failing atomic.Bool
		failing.Store(true)
		r.run(handler(func(context.Context, events.Event) error {
			if failing.Load() {
				return errTest
			}
			return nil
		}), worker.Options{SubAppID: app, Hooks: worker.Hooks{
			Pulled:    func(info worker.PullInfo) { note("Pulled", info.SubAppID) },
			Confirmed: func(info worker.ConfirmInfo) { note("Confirmed", info.SubAppID) },
			Down:      func(info worker.DownInfo) { note("Down", info.SubAppID) },
			Rate:      func(info worker.RateInfo) { note("Rate", info.SubAppID) },
		}})
		r.sleepUntil(time.Second)
		if diff := cmp.Diff([]string{"test"}, r.worker.Status().DownNow); diff != "" {
			t.Errorf("down: %s", diff)
		}
		if at := r.worker.Status().ProbeAt; len(at) != 1 || time.Until(at[0]) < 0 || time.Until(at[0]) > time.Second {
			t.Errorf("it is probed at %v, and it is %v", at, time.Now())
		}
		failing.Store(false)
		r.sleepUntil(2 * time.Minute)
		if down := r.worker.Status().DownNow; len(down) > 0 {
			t.Errorf("%q are down though they are back", down)
		}
		r.stop()
		if len(said) != 4 || len(wrong) > 0 {
			t.Errorf("heard of %v; of no or another application: %q", said, wrong)
		}
	})
}

// A display can say when an event that fails is tried next.
func TestWhenAFailingEventRunsAgainIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var told []worker.FailInfo
		var key string
		r.run(handler(func(_ context.Context, e events.Event) error {
			key = e.Key()
			return errTest
		}), worker.Options{Hooks: worker.Hooks{Failed: func(info worker.FailInfo) { told = append(told, info) }}})
		r.sleepUntil(2 * time.Minute)
		r.stop()
		if len(told) != 3 {
			t.Fatalf("%+v", told)
		}
		for i, info := range told {
			if info.Key != key || info.Handler != "test" || info.Attempts != i+1 {
				t.Errorf("failure %d: %+v", i+1, info)
			}
		}
		if again := told[2].Until.Sub(r.begin); again < 2*time.Minute || again > 4*time.Minute { // after 30 and 60 s it sits out 90 s
			t.Errorf("the third failure has it sit out until %v", again)
		}
	})
}

func TestTheStatusTellsWhenAPollLastReturned(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(time.Second)
		if last := r.worker.Status().LastPoll; !last.IsZero() {
			t.Errorf("a poll has returned at %v, though the first is held", last)
		}
		r.sleepUntil(12 * time.Second)
		wantEqual(t, "the last poll", r.worker.Status().LastPoll.Sub(r.begin), 10*time.Second)
		r.Script(vodtest.Fault{Code: "InternalError"})
		r.sleepUntil(time.Minute)
		if age := time.Since(r.worker.Status().LastPoll); age > 31*time.Second {
			t.Errorf("the last poll, which failed, was %v ago", age)
		}
		r.stop()
	})
}

// What counts by reasons needs few of them, short ones; people need words.
func TestReasonsAreShortTokensWithAText(t *testing.T) {
	texts := map[string]string{}
	for _, reason := range worker.Reasons() {
		texts["given up: "+string(reason)] = reason.Text()
	}
	for _, reason := range worker.LeftReasons() {
		texts["left: "+string(reason)] = reason.Text()
	}
	if kinds, stages := fmt.Sprint(worker.Kinds()), fmt.Sprint(worker.Stages()); kinds != "[failed ok rejected interrupted expired unreached]" ||
		stages != "[waiting handling confirming]" {
		t.Errorf("kinds are %s, stages %s", kinds, stages)
	}
	wantEqual(t, "reasons", len(texts), len(worker.Reasons())+len(worker.LeftReasons()))
	for token, text := range texts {
		_, token, _ = strings.Cut(token, ": ")
		if len(token) > 12 || strings.Trim(token, "abcdefghijklmnopqrstuvwxyz_") != "" || !strings.Contains(text, " ") {
			t.Errorf("%q means %q", token, text)
		}
	}
	wantEqual(t, "an unknown one", worker.Reason("of another version").Text(), "of another version")
}

func TestWhatAnErrorAsksForCanBeReadBack(t *testing.T) {
	asked := worker.RetryAfter(time.Minute, errTest)
	for _, test := range []struct {
		err       error
		permanent bool
		pause     time.Duration
	}{
		{nil, false, 0},
		{errTest, false, 0},
		{worker.Permanent(errTest), true, 0},
		{fmt.Errorf("handler: %w", worker.Permanent(errTest)), true, 0},
		{asked, false, time.Minute},
		{errors.Join(errTest, asked), false, time.Minute},
	} {
		pause, ok := worker.AskedPause(test.err)
		if worker.IsPermanent(test.err) != test.permanent || pause != test.pause || ok != (test.pause > 0) {
			t.Errorf("%v: permanent %v, a pause of %v, %v", test.err, worker.IsPermanent(test.err), pause, ok)
		}
	}
}

// An event that no lease holds has the time of one that was pulled just now.
func TestOnceGivesTheHandlingTimeOfAPulledEvent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		router, err := worker.NewRouter([]worker.Handler{
			{Name: "a", Handle: func(ctx context.Context, _ events.Event) error { <-ctx.Done(); return ctx.Err() }}, {Name: "b", Handle: succeed},
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		outcomes := router.Once(t.Context(), events.Event{}, router.Handlers())
		wantEqual(t, "time", time.Since(began), worker.HandlingTime)
		kinds := []worker.Kind{outcomes[0].Kind, outcomes[1].Kind}
		if !slices.Equal(kinds, []worker.Kind{worker.Expired, worker.OK}) || !strings.Contains(outcomes[0].Err.Error(), "handling time") {
			t.Errorf("outcomes: %+v", outcomes)
		}
	})
}
