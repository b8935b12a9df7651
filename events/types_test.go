package events_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
)

func TestTypesAreSortedAndTheCallersOwn(t *testing.T) {
	types := events.Types()
	if !slices.IsSorted(types) {
		t.Errorf("not sorted: %v", types)
	}
	types[0] = "changed"
	if again := events.Types(); again[0] == "changed" {
		t.Error("a caller can change what the next one gets")
	}
}

func TestEachPayloadOfTheSDKBelongsToADocumentedType(t *testing.T) {
	known := make(map[string]bool)
	for _, want := range documented {
		known[want.key] = true
	}
	for _, key := range payloadKeys() {
		if !known[key] {
			t.Errorf("no documented type has its payload in %s", key)
		}
	}
}

func TestDoubtfulTypeNamesHaveAnAlias(t *testing.T) {
	want := map[events.Type]events.Type{
		"SceneAigcImageCompleteEvent":                  "SceneAigcImageComplete",
		"ProcessImageAsyncCompleteEvent":               "ProcessImageAsyncComplete",
		"CreateAigcAdvancedCustomElementCompleteEvent": "CreateAigcAdvancedCustomElementComplete",
		"CreateAigcCustomVoiceCompleteEvent":           "CreateAigcCustomVoiceComplete",
	}
	for _, typ := range events.Types() {
		if got := typ.Alias(); got != want[typ] {
			t.Errorf("%s: got alias %q, want %q", typ, got, want[typ])
		}
		if back := typ.Alias().Alias(); typ.Alias() != "" && back != typ {
			t.Errorf("%s: its alias has alias %q", typ, back)
		}
	}
	for _, unknown := range []events.Type{"", "NoSuchType", "NoSuchTypeEvent"} {
		if got := unknown.Alias(); got != "" {
			t.Errorf("%q: got alias %q", unknown, got)
		}
	}
}

func TestAnAliasIsReadLikeItsType(t *testing.T) {
	for _, typ := range events.Types() {
		if typ.Alias() == "" {
			continue
		}
		t.Run(string(typ), func(t *testing.T) {
			e := fixture(t, typ)
			quoted := func(t events.Type) string { return `"` + string(t) + `"` }
			content := replace(t, e.Raw, `"EventType": `+quoted(typ), `"EventType": `+quoted(typ.Alias()))
			// A second object, so that the payload is found by its key only.
			alias := decode(t, replace(t, content, `{`, `{"New":{"TaskId":"not this"},`))
			if alias.Type != typ.Alias() {
				t.Fatalf("got type %q", alias.Type)
			}
			want := []string{e.FileID(), e.TaskID(), e.Status(), e.SessionContext()}
			got := []string{alias.FileID(), alias.TaskID(), alias.Status(), alias.SessionContext()}
			if diff := cmp.Diff(want, got); diff != "" || e.TaskID() == "" {
				t.Errorf("differs (-type +alias):\n%s", diff)
			}
			documented[typ].payload(t, alias, documented[typ].key)
		})
	}
}
