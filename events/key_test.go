package events_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

const plain = `{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"t","Status":"FINISH",` +
	`"FileId":"14508071098244959037","MediaProcessResultSet":[{"Type":"Transcode"}],"Size":9007199254740993}}`

func TestTheKeyIsTheSameInEachDelivery(t *testing.T) {
	for name, content := range map[string]string{
		"with a handle":  `{"EventHandle":"h",` + plain[1:],
		"another handle": plain[:len(plain)-1] + `,"EventHandle":"i"}`,
		"two handles":    `{"EventHandle":1,` + plain[1:len(plain)-1] + `,"EventHandle":"i"}`,
		"signed":         `{"Sign":"7cd17d9dfcb270b39198ccf87844d9fb","T":1700000600,` + plain[1:],
		"signed, later":  `{"sign":"00000000000000000000000000000000","t":"1700000700",` + plain[1:],
		"nulls": `{"FileUploadEvent":null,"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"t",` +
			`"Status":"FINISH","Message":null,"FileId":"14508071098244959037",` +
			`"MediaProcessResultSet":[{"Type":"Transcode","TranscodeTask":null}],"Size":9007199254740993}}`,
		"another order": `{"ProcedureStateChangeEvent":{"Size":9007199254740993,"MediaProcessResultSet":[{"Type":"Transcode"}],` +
			`"FileId":"14508071098244959037","Status":"FINISH","TaskId":"t"},"EventType":"ProcedureStateChanged"}`,
		"white space": " {\n\"EventType\" : \"ProcedureStateChanged\",\t\"ProcedureStateChangeEvent\" : { \"TaskId\":\"t\", " +
			"\"Status\":\"FINISH\",\"FileId\":\"14508071098244959037\",\"MediaProcessResultSet\":[ { \"Type\":\"Transcode\" } ]," +
			"\"Size\": 9007199254740993 } }\r\n",
		"escapes": `{"\u0045ventType":"Procedure\u0053tateChanged","ProcedureStateChangeEvent":{"TaskId":"\u0074","Status":"FINISH",` +
			`"FileId":"14508071098244959037","MediaProcessResultSet":[{"Type":"Transcode"}],"Size":9007199254740993}}`,
	} {
		if got, want := raw(content).Key(), raw(plain).Key(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestDifferentEventsHaveDifferentKeys(t *testing.T) {
	keys := map[string]string{raw(plain).Key(): "plain"}
	other := func(name string, e events.Event) {
		t.Helper()
		if same, ok := keys[e.Key()]; ok {
			t.Errorf("%s: the same key as %s", name, same)
		}
		keys[e.Key()] = name
	}
	change := func(old, by string) events.Event { return raw(string(replace(t, []byte(plain), old, by))) }

	other("another application", events.Event{SubAppID: 1500000001, Raw: []byte(plain)})
	other("a third one", events.Event{SubAppID: 150000000, Raw: []byte(plain)})
	other("another type", change(`"ProcedureStateChanged"`, `"PullComplete"`))
	other("another task", change(`"t"`, `"u"`))
	other("another status", change(`FINISH`, `PROCESSING`))
	other("a status in another case", change(`FINISH`, `Finish`))
	other("a longer result", change(`[{`, `[{},{`))
	other("a null in a list", change(`[{`, `[null,{`))
	other("an empty list", change(`[{"Type":"Transcode"}]`, `[]`))
	other("a number for a string", change(`"14508071098244959037"`, `14508071098244959037`))
	other("an ID that is the same as a float", change(`14508071098244959037`, `14508071098244959038`))
	other("a number that is the same as a float", change(`9007199254740993`, `9007199254740992`))
	other("a number beyond float64", change(`9007199254740993`, `1e400`))
	other("another one", change(`9007199254740993`, `1e401`))
	other("a signature inside", change(`"TaskId":"t"`, `"TaskId":"t","Sign":"s"`))
	other("a handle inside", change(`"TaskId":"t"`, `"TaskId":"t","EventHandle":"h"`))
	other("a key more", change(`"TaskId":"t"`, `"TaskId":"t","New":0`))
	other("an empty object", raw(`{}`))
	other("a list", raw(`[]`))
	other("nothing", raw(``))
	other("no JSON", raw(`{"EventType":`))
	other("no other JSON", raw(`{"EventType":"`))
}

func TestTheKeysOfAllFixturesDifferAndSurviveRedelivery(t *testing.T) {
	layout := regexp.MustCompile(`^[0-9a-f]{32}$`)
	keys := make(map[string]events.Type)
	for typ, content := range fixtures(t) {
		e := decode(t, content)
		key := e.Key()
		if other, ok := keys[key]; ok || !layout.MatchString(key) {
			t.Errorf("%s: key %q, the same as of %q", typ, key, other)
		}
		keys[key] = typ
		for _, again := range [][]byte{
			withHandle(content, "tdmq830894935510738067"), compact(t, content), reversed(t, content), withoutNulls(t, content),
		} {
			if got := decode(t, again).Key(); got != key {
				t.Errorf("%s: got key %s, want %s, from\n%s", typ, got, key, again)
			}
		}
	}
}

// The key names files in a folder and is stored by users: it must not change from one version to the next.
func TestTheKeyIsStable(t *testing.T) {
	for content, want := range map[string]string{
		`{"EventHandle":"h","EventType":"X","A":null,"B":[1.50,"<é>"]}`:                         "5433f1776e243aafe2c291cf0b724e9e",
		`{"Z":"<\/\u0026\u2028\ud800\"","A":{"b":2,"a":1e400,"a":null},"T":1,"N":"` + "\xff\"}": "210be7a4c8169e3155e5c6c3af197f9a",
		`{"A":1} trailing`:        "76272e2d5c00e57716ffca024abc8459",
		`{"EventHandle":"h","A":`: "813309ae85d4cec94faa9baa6133b290",
	} {
		if got := (events.Event{SubAppID: 1500000001, Raw: []byte(content)}).Key(); got != want {
			t.Errorf("%q: got %s, want %s", content, got, want)
		}
	}
}

func TestOnlyEventsThatCanHappenTwiceRepeat(t *testing.T) {
	for content, want := range map[string]bool{
		`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"1"}}`:                                         false,
		`{"EventType":"PersistenceComplete","PersistenceCompleteEvent":{"FileId":"1"}}`:                          false,
		`{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["1"]}}`:                                      true,
		`{"EventType":"MediaCastStatusChanged","MediaCastStatusChangedEvent":{"CastId":"1","Status":"Working"}}`: true,
		`{"EventType":"PullComplete","PullCompleteEvent":{"TaskId":"t"}}`:                                        false,
		`{"EventType":"PullComplete","PullCompleteEvent":{"TaskId":""}}`:                                         true,
		`{"EventType":"PullComplete","PullCompleteEvent":{"TaskId":null}}`:                                       true,
		`{"EventType":"PullComplete","PullCompleteEvent":null}`:                                                  true,
		`{"EventType":"NewType","NewEvent":{"TaskId":"t"}}`:                                                      false,
		`{"EventType":"NewType","NewEvent":{"FileId":"1"}}`:                                                      true,
		`{"EventType":"NewType"}`: true,
	} {
		if got := decode(t, []byte(content)).Repeats(); got != want {
			t.Errorf("%s: got %v", content, got)
		}
	}
}

// reversed is content with its keys in the opposite order.
func reversed(tb testing.TB, content []byte) []byte {
	tb.Helper()
	members := gjson.ParseBytes(content).Map()
	keys := slices.Sorted(maps.Keys(members))
	slices.Reverse(keys)
	var out [][]byte
	for _, key := range keys {
		out = append(out, []byte(`"`+key+`":`+members[key].Raw))
	}
	return slices.Concat([]byte("{"), bytes.Join(out, []byte(",")), []byte("}"))
}

// withoutNulls is content without the top-level keys that are null.
func withoutNulls(tb testing.TB, content []byte) []byte {
	tb.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(content, &members); err != nil {
		tb.Fatal(err)
	}
	maps.DeleteFunc(members, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	out, err := json.Marshal(members)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// A receiver that drops what it has seen must neither drop a new event nor take an old one twice.
func TestAnIDIsThatOfOneEventAndStaysTheSame(t *testing.T) {
	upload := func(handle string) events.Event {
		return events.Event{Handle: handle, Type: events.NewFileUpload, Raw: []byte(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"1"}}`)}
	}
	if first, again := upload("h1").ID(), upload("h2").ID(); first != again || first != upload("").Key() {
		t.Errorf("an event has the ids %s and %s", first, again)
	}
	deleted := func(handle, content string) events.Event {
		return events.Event{Handle: handle, Type: events.FileDeleted, Raw: []byte(content)}
	}
	const content = `{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["1"]}}`
	ids := map[string]bool{}
	for _, e := range []events.Event{deleted("h1", content), deleted("h2", content), deleted("", content), deleted("", content[:len(content)-1]+`,"T":1}`)} {
		ids[e.ID()] = true
		if again := e.ID(); again != e.ID() || !strings.HasPrefix(e.ID(), e.Key()+"-") {
			t.Errorf("the id of an event that repeats is %s, and then %s", e.ID(), e.ID())
		}
	}
	if len(ids) != 4 {
		t.Errorf("four deliveries that may be four events have the ids %v", ids)
	}
}
