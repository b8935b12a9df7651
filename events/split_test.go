package events_test

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
)

func TestSplitFindsNoEventsInAnythingButAFullArray(t *testing.T) {
	for _, set := range []string{
		"", " ", "null", "[]", " [ \n ] ", "{}", `{"EventHandle":"h","EventType":"FileDeleted"}`, `"[{}]"`, "0", "true",
	} {
		if split := events.Split([]byte(set)); len(split) != 0 {
			t.Errorf("%q: got %v", set, split)
		}
	}
	if split := events.Split(nil); len(split) != 0 {
		t.Errorf("nil: got %v", split)
	}
}

func TestAnOddElementCostsOnlyItself(t *testing.T) {
	const left, right = `{"EventHandle":"left","EventType":"PullComplete"}`, `{"EventType":"FileDeleted","EventHandle":"right"}`
	tests := map[string]struct{ handle, typ string }{
		`null`:       {},
		`true`:       {},
		`-1.5e3`:     {},
		`"a string"`: {},
		`""`:         {},
		`[]`:         {},
		`[{"EventHandle":"h","EventType":"FileDeleted"}]`: {},
		`{}`:                                {},
		`{"EventType":"FileDeleted"}`:       {typ: "FileDeleted"},
		`{"EventHandle":"h"}`:               {handle: "h"},
		`{"EventHandle":"","EventType":""}`: {},
		`{"EventHandle":7,"EventType":"FileDeleted"}`:                           {typ: "FileDeleted"},
		`{"EventHandle":null,"EventType":"FileDeleted"}`:                        {typ: "FileDeleted"},
		`{"EventHandle":{"EventType":"inner"},"EventType":"FileDeleted"}`:       {typ: "FileDeleted"},
		`{"EventHandle":"h","EventType":7}`:                                     {handle: "h"},
		`{"EventHandle":"h","EventType":null}`:                                  {handle: "h"},
		`{"EventHandle":"h","EventType":["FileDeleted"]}`:                       {handle: "h"},
		`{"FileDeleteEvent":{"EventHandle":"inner","EventType":"inner"}}`:       {},
		`{"eventHandle":"h","EVENTTYPE":"FileDeleted"}`:                         {},
		`{"Event\u0048andle":"h","\u0045ventType":"File\u0044eleted"}`:          {handle: "h", typ: "FileDeleted"},
		`{"EventHandle":"h\"\\\/\n","EventType":"\u65b0\ud83d\ude00"}`:          {handle: "h\"\\/\n", typ: "新😀"},
		`{"EventHandle":"1","EventHandle":"2","EventType":"A"}`:                 {handle: "1", typ: "A"},
		`{"EventHandle":"1","EventType":"A","EventHandle":"2"}`:                 {handle: "1", typ: "A"},
		`{"EventType":"A","EventType":"B","EventHandle":"1"}`:                   {handle: "1", typ: "A"},
		`{"EventHandle":1,"EventHandle":"2","EventType":"A"}`:                   {handle: "2", typ: "A"},
		`{"EventHandle":"h","EventType":"A","X":{"EventHandle":"i"},"Y":"]},"}`: {handle: "h", typ: "A"},
	}
	for element, want := range tests {
		t.Run(element, func(t *testing.T) {
			got := events.Split([]byte(" [" + left + "," + element + ", " + right + "]"))
			diff := cmp.Diff([]events.Event{
				{Handle: "left", Type: events.PullComplete, Raw: []byte(left)},
				{Handle: want.handle, Type: events.Type(want.typ), Raw: []byte(element)},
				{Handle: "right", Type: events.FileDeleted, Raw: []byte(right)},
			}, got)
			if diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhiteSpaceBetweenEventsIsNotPartOfThem(t *testing.T) {
	elements := []string{"{ }", "[ ]", "1", `"a b"`, "null", "{\t\"EventType\" :\r\n\"FileDeleted\" }"}
	for _, space := range []string{"", " ", "\n\t\r ", strings.Repeat(" ", 1000)} {
		set := space + "[" + space + strings.Join(elements, space+","+space) + space + "]" + space
		var got []string
		for _, e := range events.Split([]byte(set)) {
			got = append(got, string(e.Raw))
		}
		if diff := cmp.Diff(elements, got); diff != "" {
			t.Errorf("with %d bytes of space (-want +got):\n%s", len(space), diff)
		}
	}
}

func TestSplitReadsAllFixturesInOneSet(t *testing.T) {
	var bodies [][]byte
	for _, typ := range events.Types() {
		bodies = append(bodies, withHandle(fixture(t, typ).Raw, "handle of "+string(typ)))
	}
	split := events.Split(slices.Concat([]byte("[\n"), bytes.Join(bodies, []byte("  ,\n")), []byte("\n]")))
	if len(split) != len(bodies) {
		t.Fatalf("got %d events of %d", len(split), len(bodies))
	}
	for i, typ := range events.Types() {
		want := events.Event{Handle: "handle of " + string(typ), Type: typ, Raw: bytes.TrimSpace(bodies[i])}
		if diff := cmp.Diff(want, split[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", typ, diff)
		}
	}
}

func TestRawSharesTheSetsMemoryButCannotGrowIntoItsNeighbour(t *testing.T) {
	set := []byte(`[{"EventType":"A"},{"EventType":"B"}]`)
	split := events.Split(set)
	if &split[0].Raw[0] != &set[1] {
		t.Error("the first event is a copy")
	}
	_ = append(split[0].Raw, "overwritten"...)
	if got := string(split[1].Raw); got != `{"EventType":"B"}` {
		t.Errorf("appending to one event made the other %s", got)
	}
}

// A handle waits for its confirm long after the body has been handled: it must not hold on to the batch.
func TestAHandleKeepsNothingElseOfItsBatchInMemory(t *testing.T) {
	const batches, size = 64, 1 << 20
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	var handles []string
	var types []events.Type
	for range batches {
		set := []byte(`[{"EventHandle":"h","EventType":"NewType","X":"` + strings.Repeat("x", size) + `"}]`)
		e := events.Split(set)[0]
		handles, types = append(handles, e.Handle), append(types, e.Type)
	}
	if after := heap(); after > before+batches*size/4 {
		t.Errorf("%d handles hold on to %d MiB", batches, (after-before)>>20)
	}
	runtime.KeepAlive(handles)
	runtime.KeepAlive(types)
}
