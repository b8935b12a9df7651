package events_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/events"
)

// fixtures returns what VOD sends for each type: its file's content by the file's name without .json.
func fixtures(tb testing.TB) map[events.Type][]byte {
	tb.Helper()
	dir := os.DirFS("../worker/vodtest/fixtures")
	names, err := fs.Glob(dir, "*.json")
	if err != nil || len(names) == 0 {
		tb.Fatalf("no fixtures: %v", err)
	}
	found := make(map[events.Type][]byte, len(names))
	for _, name := range names {
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			tb.Fatal(err)
		}
		found[events.Type(strings.TrimSuffix(name, ".json"))] = content
	}
	return found
}

// fixture returns what VOD sends for one type.
func fixture(tb testing.TB, typ events.Type) events.Event {
	tb.Helper()
	content, ok := fixtures(tb)[typ]
	if !ok {
		tb.Fatalf("there is no fixture of %s", typ)
	}
	return decode(tb, content)
}

func decode(tb testing.TB, raw []byte) events.Event {
	tb.Helper()
	e, err := events.Decode(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// raw is an event that has nothing but its JSON, as Split makes it of an odd element.
func raw(content string) events.Event { return events.Event{Raw: []byte(content)} }

// typed is an event of a type that is known from elsewhere.
func typed(typ events.Type, content string) events.Event {
	return events.Event{Type: typ, Raw: []byte(content)}
}

// withHandle puts a handle in front of everything else in content, as PullEvents does.
func withHandle(content []byte, handle string) []byte {
	quoted, _ := json.Marshal(handle)
	return bytes.Replace(content, []byte("{"), []byte(`{"EventHandle":`+string(quoted)+`,`), 1)
}

// compact is content without white space.
func compact(tb testing.TB, content []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, content); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// payloadKeys returns the keys under which the SDK's EventContent has payloads.
func payloadKeys() []string {
	content := reflect.TypeFor[vod.EventContent]()
	var keys []string
	for i := range content.NumField() {
		if content.Field(i).Type.Elem().Kind() == reflect.Struct {
			keys = append(keys, content.Field(i).Name)
		}
	}
	return keys
}

// replace is content with the first old replaced, which must be there.
func replace(tb testing.TB, content []byte, old, by string) []byte {
	tb.Helper()
	if !bytes.Contains(content, []byte(old)) {
		tb.Fatalf("there is no %s in %.200s", old, content)
	}
	return bytes.Replace(content, []byte(old), []byte(by), 1)
}
