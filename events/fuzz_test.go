package events_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
)

func FuzzSplit(f *testing.F) {
	seed(f, func(content []byte) {
		f.Add(content)
		f.Add(slices.Concat([]byte(" ["), content, []byte(" ,null, "), content, []byte("]\n")))
	})
	for _, set := range []string{"null", "[]", `[1,-2.5e3,true,"a",[[],{}],{"EventHandle":7}]`} {
		f.Add([]byte(set))
	}
	f.Fuzz(func(t *testing.T, set []byte) {
		if !json.Valid(set) {
			return
		}
		var want []json.RawMessage
		_ = json.Unmarshal(set, &want) // fails, and leaves want empty, if it is no array
		got := events.Split(set)
		if len(got) != len(want) {
			t.Fatalf("got %d events of %d", len(got), len(want))
		}
		at := 0
		for i, e := range got {
			if !bytes.Equal(e.Raw, want[i]) {
				t.Errorf("event %d: got %q, want %q", i, e.Raw, want[i])
			}
			for at < len(set) && &set[at] != &e.Raw[0] {
				at++
			}
			if at == len(set) {
				t.Fatalf("event %d is no part of the set, or not behind the one before it", i)
			}
			checkEnvelope(t, e)
		}
	})
}

func FuzzDecode(f *testing.F) {
	seed(f, func(content []byte) { f.Add(content) })
	for _, content := range legacy {
		f.Add([]byte(content.raw))
	}
	f.Add([]byte(`{"EventType":`))
	f.Fuzz(func(t *testing.T, content []byte) {
		e, err := events.Decode(content)
		typ := ""
		if json.Valid(content) {
			typ = firstText(content, "EventType")
		}
		if typ == "" && json.Valid(content) && isLegacy(content) {
			typ = firstText(content, "eventType")
		}
		if (err == nil) != (typ != "") || utf8.Valid(content) && string(e.Type) != typ {
			t.Fatalf("got type %q, error %v, want type %q", e.Type, err, typ)
		}
		if err != nil {
			return
		}
		if !bytes.Equal(e.Raw, content) {
			t.Errorf("Raw: got %q, want %q", e.Raw, content)
		}
		if firstText(content, "EventType") != "" {
			checkEnvelope(t, e)
		}
		e.FileID()
		e.Status()
		e.SessionContext()
		if _, err := events.As[map[string]json.RawMessage](e); err != nil && e.TaskID() != "" {
			t.Errorf("there is a task but no payload: %v", err)
		}
		_, _ = e.Content()
	})
}

func FuzzKey(f *testing.F) {
	seed(f, func(content []byte) { f.Add(content, uint64(0)) })
	f.Add([]byte(`{"A":[1e400,9007199254740993,-0,null,{"B":null}],"Sign":"s","T":1}`), uint64(1500000001))
	f.Fuzz(func(t *testing.T, content []byte, app uint64) {
		if !json.Valid(content) {
			return
		}
		e := events.Event{SubAppID: app, Raw: content}
		key := e.Key()
		same := map[string][]byte{"its body": e.Body(), "without white space": compact(t, content)}
		if len(members(content)) > 0 {
			same["another handle"] = withHandle(content, "another")
			same["a signature"] = bytes.Replace(content, []byte("{"), []byte(`{"Sign":"s","T":1700000600,`), 1)
		}
		for name, content := range same {
			if got := (events.Event{SubAppID: app, Raw: content}).Key(); got != key {
				t.Errorf("%s: got key %s, want %s", name, got, key)
			}
		}
		if (events.Event{SubAppID: app + 1, Raw: content}).Key() == key {
			t.Error("another application's event has the same key")
		}
	})
}

func FuzzBody(f *testing.F) {
	seed(f, func(content []byte) {
		f.Add(content)
		f.Add(replaceLast(content, "}", `,"EventHandle":null, "Event\u0048andle" : {} }`))
		f.Add(replaceLast(content, "}", `,"T":1, "EventHandle":"h","sign":"s" , "t":"2","x":1}`))
	})
	f.Fuzz(func(t *testing.T, content []byte) {
		if !json.Valid(content) {
			return
		}
		checkCut(t, content, events.Event.Body, "EventHandle")
		checkCut(t, content, events.Event.Unsigned, "EventHandle", "Sign", "sign", "T", "t")
	})
}

// checkCut checks that cut leaves the members of these keys out, and touches nothing else.
func checkCut(t *testing.T, content []byte, cut func(events.Event) []byte, keys ...string) {
	t.Helper()
	body := cut(raw(string(content)))
	if !json.Valid(body) {
		t.Fatalf("got %q of %q", body, content)
	}
	want := slices.DeleteFunc(members(content), func(m member) bool { return slices.Contains(keys, m.Key) })
	if diff := cmp.Diff(want, members(body)); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if len(want) == len(members(content)) && !bytes.Equal(body, content) {
		t.Errorf("nothing to cut, but got %q of %q", body, content)
	}
	if again := cut(raw(string(body))); !bytes.Equal(again, body) {
		t.Error("cutting again cuts more")
	}
}

// isLegacy reports whether content says that it is in the 2.0 format.
func isLegacy(content []byte) bool {
	return slices.ContainsFunc(members(content), func(m member) bool {
		var text string
		_ = json.Unmarshal([]byte(m.Value), &text)
		return m.Key == "version" && (m.Value == "4" || m.Value == "4.0" || text == "4" || text == "4.0")
	})
}

// seed adds each fixture, as it is and as PullEvents would send it, and the odd events.
func seed(f *testing.F, add func(content []byte)) {
	for _, content := range fixtures(f) {
		add(content)
		add(compact(f, withHandle(content, "tdmq830894935510738067")))
	}
	for _, content := range odd {
		add([]byte(content))
	}
}

// checkEnvelope compares what was read with what encoding/json reads.
func checkEnvelope(t *testing.T, e events.Event) {
	t.Helper()
	if !utf8.Valid(e.Raw) {
		return // encoding/json replaces what is no UTF-8
	}
	if want := firstText(e.Raw, "EventHandle"); e.Handle != want {
		t.Errorf("%q: got handle %q, want %q", e.Raw, e.Handle, want)
	}
	if want := firstText(e.Raw, "EventType"); string(e.Type) != want {
		t.Errorf("%q: got type %q, want %q", e.Raw, e.Type, want)
	}
}

type member struct {
	Key   string
	Value string
}

// members returns what an object has at its top, in its order, and nil if content is no object.
func members(content []byte) []member {
	decoder := json.NewDecoder(bytes.NewReader(content))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	found := []member{}
	for decoder.More() {
		key, _ := decoder.Token()
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil
		}
		found = append(found, member{key.(string), string(value)})
	}
	return found
}

// firstText is the first string that is not empty among an object's members of that key.
func firstText(content []byte, key string) string {
	for _, m := range members(content) {
		var text string
		if m.Key == key && json.Unmarshal([]byte(m.Value), &text) == nil && text != "" {
			return text
		}
	}
	return ""
}

// replaceLast is content with the last old replaced.
func replaceLast(content []byte, old, by string) []byte {
	at := bytes.LastIndex(content, []byte(old))
	return slices.Concat(content[:at], []byte(by), content[at+len(old):])
}
