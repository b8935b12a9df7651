package events_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

func TestEachDocumentedTypeHasAFixtureAndEachFixtureAType(t *testing.T) {
	names := slices.Sorted(maps.Keys(fixtures(t)))
	if diff := cmp.Diff(events.Types(), names); diff != "" {
		t.Errorf("types and fixtures differ (-types +fixtures):\n%s", diff)
	}
	if diff := cmp.Diff(events.Types(), slices.Sorted(maps.Keys(documented))); diff != "" {
		t.Errorf("types and expectations differ (-types +expectations):\n%s", diff)
	}
}

func TestEachFixtureIsRead(t *testing.T) {
	for typ, content := range fixtures(t) {
		t.Run(string(typ), func(t *testing.T) {
			want := documented[typ]
			e := decode(t, content)
			type fields struct {
				Type                                   events.Type
				FileID, TaskID, Status, SessionContext string
				Repeats                                bool
			}
			got := fields{e.Type, e.FileID(), e.TaskID(), e.Status(), e.SessionContext(), e.Repeats()}
			if diff := cmp.Diff(fields{typ, want.file, want.task, want.status, want.context, want.repeats}, got); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
			if e.Handle != "" {
				t.Errorf("a fixture has a handle: %q", e.Handle)
			}
		})
	}
}

func TestEachFixtureDecodesIntoTheSDKsTypes(t *testing.T) {
	for typ, content := range fixtures(t) {
		t.Run(string(typ), func(t *testing.T) {
			e := decode(t, content)
			payload := documented[typ].payload(t, e, documented[typ].key)

			all, err := e.Content()
			if err != nil {
				t.Fatal(err)
			}
			if all.EventType == nil || events.Type(*all.EventType) != typ {
				t.Errorf("EventType: %v", all.EventType)
			}
			field := reflect.ValueOf(*all).FieldByName(documented[typ].key)
			switch {
			case !field.IsValid():
				t.Log("the SDK does not know the type yet")
			case typ == events.ProcessImageAsyncComplete:
				if field.IsNil() || cmp.Equal(payload, field.Interface()) {
					t.Error("the SDK's EventContent has the right type by now: use it")
				}
			default:
				if diff := cmp.Diff(field.Interface(), payload); diff != "" {
					t.Errorf("Content and As differ (-Content +As):\n%s", diff)
				}
			}
		})
	}
}

// A payloadTest decodes the payload that stands under key, and checks that As finds and decodes the same.
type payloadTest func(t *testing.T, e events.Event, key string) any

// sdk is for a T that must know each field of the payload.
func sdk[T any](t *testing.T, e events.Event, key string) any {
	t.Helper()
	var want T
	decoder := json.NewDecoder(bytes.NewReader([]byte(gjson.GetBytes(e.Raw, key).Raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&want); err != nil {
		t.Fatal(err)
	}
	got, err := events.As[T](e)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("As differs (-want +got):\n%s", diff)
	}
	return got
}

// newest is for types that the SDK at hand does not know yet. All of them look like this.
func newest(t *testing.T, e events.Event, key string) any {
	t.Helper()
	type task struct {
		TaskId, Status, ErrCodeExt, Message, SessionId, SessionContext string
		ErrCode, Progress                                              int
		Input, Output                                                  map[string]any
	}
	return sdk[task](t, e, key)
}

// The files are read by people: one layout for all, and null as VOD sends it for what does not apply.
func TestFixturesAreLaidOutAlike(t *testing.T) {
	for typ, content := range fixtures(t) {
		t.Run(string(typ), func(t *testing.T) {
			var indented bytes.Buffer
			if err := json.Indent(&indented, compact(t, content), "", "  "); err != nil {
				t.Fatal(err)
			}
			indented.WriteByte('\n')
			if diff := cmp.Diff(indented.String(), string(content)); diff != "" {
				t.Errorf("not indented by two spaces (-want +got):\n%s", diff)
			}
			if first := gjson.GetBytes(content, "@keys.0").Str; first != "EventType" {
				t.Errorf("starts with %q, not with EventType", first)
			}
			nulls := 0
			gjson.ParseBytes(content).ForEach(func(key, value gjson.Result) bool {
				switch {
				case value.Type == gjson.Null:
					nulls++
				case key.Str != "EventType" && key.Str != documented[typ].key:
					t.Errorf("unexpected key %q", key.Str)
				}
				return true
			})
			if nulls == 0 {
				t.Error("no payload key is null")
			}
		})
	}
}
