package worker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// env is a condition on the environment that whoever started a task has named.
func env(names ...string) []condition.Condition {
	return []condition.Condition{{JSON: "ProcedureStateChangeEvent.SessionContext.@fromstr.env", In: names}}
}

// procedure is an event of a task that an environment has started.
func procedure(env string) []byte {
	return []byte(`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"` + env +
		`","SessionContext":"{\"env\":\"` + env + `\"}"}}`)
}

func TestAllConditionsOfWhereMustHold(t *testing.T) {
	router, err := worker.NewRouter([]worker.Handler{
		{Name: "all", Handle: succeed},
		{Name: "test", Where: env("test"), Handle: succeed},
		{Name: "both", Where: append(env("test"), condition.Condition{JSON: "ProcedureStateChangeEvent.TaskId", In: []string{"x"}}), Handle: succeed},
		{Name: "not test", Where: []condition.Condition{{JSON: env("")[0].JSON, NotIn: []string{"test"}}}, Handle: succeed},
		{Name: "uploads", Types: []string{"NewFileUpload"}, Where: env("test"), Handle: succeed},
	})
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]string{
		string(procedure("test")): "all, test",
		string(procedure("live")): "all, not test",
		`{}`:                      "all, not test",
		// What is no object has no fields, whatever stands in it.
		``: "all, not test", `5`: "all, not test", `null`: "all, not test", `{"a":`: "all, not test",
		`"{\"ProcedureStateChangeEvent\":{\"SessionContext\":\"{\\\"env\\\":\\\"test\\\"}\"}}"`: "all, not test",
		"x" + string(procedure("test")): "all, not test", string(procedure("test")[:120]): "all, not test",
		"[" + string(procedure("test")) + "]": "all, not test",
	} {
		got := router.Match(events.Event{Type: "ProcedureStateChanged", Raw: []byte(raw)})
		wantEqual(t, raw, strings.Join(got, ", "), want)
	}
	names, refuses := router.MatchType(0, "ProcedureStateChanged")
	wantEqual(t, "by type", strings.Join(names, ", "), "all, test, both, not test")
	wantEqual(t, "may refuse", refuses, false)
	if _, err := worker.NewRouter([]worker.Handler{{Name: "a", Where: []condition.Condition{{}}, Handle: succeed}}); err == nil ||
		!strings.HasPrefix(err.Error(), `handler "a": where: json: it is missing`) {
		t.Errorf("got %v", err)
	}
}

// Two environments share a queue and a worker. Every event reaches the one that it is for, also at its second delivery.
func TestEnvironmentsShareAQueueAndNothingIsLost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		var sent []string
		for i := range 40 {
			sent = append(sent, []string{"test", "live"}[i%2])
			if err := r.Send(0, procedure(sent[i])); err != nil {
				t.Fatal(err)
			}
		}
		got, failed := map[string][]string{}, map[string]bool{}
		of := func(name string) worker.Handler {
			return worker.Handler{Name: name, Where: env(name), Retry: worker.Retry{Tries: 1}, Handle: func(_ context.Context, e events.Event) error {
				if name == "live" && !failed[e.Key()] { // all of one environment share a key here
					failed[e.Key()] = true
					return context.Canceled
				}
				got[name] = append(got[name], gjson.GetBytes(e.Raw, "ProcedureStateChangeEvent.TaskId").Str)
				return nil
			}}
		}
		r.run([]worker.Handler{of("test"), of("live")}, worker.Options{Concurrency: 1})
		r.sleepUntil(10 * time.Minute)
		r.stop()
		r.wantStats(0, 0, 40)
		wantEqual(t, "unmatched", r.worker.Status().Unmatched, 0)
		for name, ids := range got {
			wantEqual(t, name, strings.Count(strings.Join(ids, " "), name), 20)
			wantEqual(t, "events that "+name+" got", len(ids), 20)
		}
	})
}

func TestWhatEveryWhereRefusedIsUnmatched(t *testing.T) {
	for policy, confirmed := range map[worker.Unmatched]int{worker.UnmatchedConfirm: 4, worker.UnmatchedLeave: 1} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(1)
			for _, env := range []string{"test", "live", "live", "live"} {
				if err := r.Send(0, procedure(env)); err != nil {
					t.Fatal(err)
				}
			}
			r.run([]worker.Handler{
				{Name: "a", Types: []string{"ProcedureStateChanged"}, Where: env("test"), Handle: succeed},
				{Name: "b", Types: []string{"Procedure*"}, Where: env("stage"), Handle: succeed},
			}, worker.Options{Unmatched: policy})
			r.sleepUntil(time.Second)
			r.stop()
			if policy == worker.UnmatchedConfirm {
				confirmed++
			}
			r.wantStats(0, 5-confirmed, confirmed)
			wantEqual(t, "handled", r.worker.Status().Handled, 1)
			wantEqual(t, "lines of it", strings.Count(r.log.String(), "every handler's where refused an event of this type"), 1)
			wantEqual(t, "lines of the other", strings.Count(r.log.String(), "no handler wants events of this type"), 1)
		})
	}
}
