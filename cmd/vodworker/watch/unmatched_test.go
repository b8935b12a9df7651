package watch

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// What a handler wants may come, whatever its where makes of it.
func TestASwitchThatHoldsBackWhatAWhereAsksOfIsSaid(t *testing.T) {
	e := Expected{Only: true, Handlers: []worker.Handler{{
		Name: "a", Types: []string{"FileDeleted"}, Where: []condition.Condition{{JSON: "FileDeleteEvent.FileIdSet", In: []string{"7"}}},
		Handle: func(context.Context, events.Event) error { return nil },
	}}}
	settings := tencent.Settings{Mode: tencent.ModePull}
	found := e.Judge(settings)
	if mend := found[2].Mend; !strings.Contains(mend, "--delete on") || !strings.Contains(e.unsent(settings), "sends no FileDeleted") {
		t.Errorf("got %+v, %s", found, e.unsent(settings))
	}
}

func TestUnmatchedSaysWhatBecomesOfTypesThatNoHandlerWants(t *testing.T) {
	handler := func(name string, ids []uint64, types ...string) worker.Handler {
		return worker.Handler{
			Name: name, Types: types, SubApps: ids, Handle: func(context.Context, events.Event) error { return nil },
		}
	}
	refusing := func(name string, types ...string) worker.Handler {
		h := handler(name, nil, types...)
		h.Where = []condition.Condition{{JSON: "EventType", In: []string{"none"}}}
		return h
	}
	all := len(events.Types())
	some := []worker.Handler{handler("a", []uint64{7}, "NewFileUpload"), handler("b", []uint64{8}, "FileDeleted")}
	var butOne []string
	for _, of := range events.Types()[1:] {
		butOne = append(butOne, string(of))
	}
	for _, test := range []struct {
		handlers     []worker.Handler
		applications []uint64
		then         worker.Unmatched
		want         string
	}{
		{[]worker.Handler{handler("a", nil)}, []uint64{0}, worker.UnmatchedConfirm, "every type has a handler"},
		{some, []uint64{7, 8}, worker.UnmatchedConfirm, fmt.Sprintf(
			"%d types of events that no handler wants are confirmed unseen; worker.unmatched: dead_letter keeps them", all-2)},
		{some, []uint64{7}, worker.UnmatchedLeave, fmt.Sprintf(
			"%d types of events that no handler wants are left in the queue, until VOD drops them after 4 days", all-1)},
		{some, []uint64{7, 8}, worker.UnmatchedDeadLetter, fmt.Sprintf(
			"%d types of events that no handler wants are dead-lettered", all-2)},
		{[]worker.Handler{handler("a", nil, butOne...)}, []uint64{0}, worker.UnmatchedDeadLetter,
			string(events.Types()[0]) + ", which no handler wants, is dead-lettered"},
		{[]worker.Handler{handler("a", nil), refusing("b")}, []uint64{0}, worker.UnmatchedConfirm, "every type has a handler"},
		{[]worker.Handler{refusing("a"), refusing("b")}, []uint64{0}, worker.UnmatchedConfirm,
			"every type has a handler; events that every handler's where refuses are confirmed unseen; worker.unmatched: dead_letter keeps them"},
		{[]worker.Handler{refusing("a")}, []uint64{0}, worker.UnmatchedLeave,
			"every type has a handler; events that every handler's where refuses are left in the queue, until VOD drops them after 4 days"},
		{[]worker.Handler{refusing("a", "NewFileUpload")}, []uint64{7}, worker.UnmatchedConfirm, fmt.Sprintf("%d types of events that no "+
			"handler wants are confirmed unseen; so are those that every handler's where refuses; worker.unmatched: dead_letter keeps them", all-1)},
		{[]worker.Handler{refusing("a", "NewFileUpload")}, []uint64{7}, worker.UnmatchedDeadLetter, fmt.Sprintf(
			"%d types of events that no handler wants are dead-lettered; so are those that every handler's where refuses", all-1)},
	} {
		if got := Unmatched(test.handlers, test.applications, test.then); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
