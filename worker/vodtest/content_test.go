package vodtest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func TestContentIsHandedOutByteForByteBehindItsHandle(t *testing.T) {
	for _, test := range []struct{ name, sent, want string }{
		{"plain", `{"EventType":"X"}`, `{"EventHandle":"H","EventType":"X"}`},
		{"empty", `{}`, `{"EventHandle":"H"}`},
		{"empty with space", "{ \n}", "{\"EventHandle\":\"H\" \n}"},
		{"large numbers", `{"a":9007199254740993,"FileId":14508071098244959037,"b":1e400,"c":0.10}`,
			`{"EventHandle":"H","a":9007199254740993,"FileId":14508071098244959037,"b":1e400,"c":0.10}`},
		{"white space, HTML, escapes", "\n{ \"a\" : \"<&>\\u0041é\" ,\t\"b\":[ ] }\r\n",
			"{\"EventHandle\":\"H\", \"a\" : \"<&>\\u0041é\" ,\t\"b\":[ ] }"},
		{"mistyped", `{"EventType":5,"FileUploadEvent":"x","a":null}`,
			`{"EventHandle":"H","EventType":5,"FileUploadEvent":"x","a":null}`},
		{"twice the same key", `{"a":1,"a":2}`, `{"EventHandle":"H","a":1,"a":2}`},
		{"handle in front", `{"EventHandle":"old", "a":1}`, `{"EventHandle":"H", "a":1}`},
		{"handle in the middle", `{"a":1 , "EventHandle":{"x":[1]},"b":2}`, `{"EventHandle":"H","a":1,"b":2}`},
		{"handle at the end", `{"a":1, "EventHandle":null }`, `{"EventHandle":"H","a":1 }`},
		{"handle in front with space", "{ \"EventHandle\" : 1 , \"a\":1}", "{\"EventHandle\":\"H\", \"a\":1}"},
		{"handle alone", `{"EventHandle":"old"}`, `{"EventHandle":"H"}`},
		{"handle twice", `{"EventHandle":"old","EventHandle":"older"}`, `{"EventHandle":"H"}`},
		{"handle in disguise", `{"\u0045ventHandle":"old","a":1}`, `{"EventHandle":"H","a":1}`},
		{"handle further down", `{"a":{"EventHandle":"mine"}}`, `{"EventHandle":"H","a":{"EventHandle":"mine"}}`},
		{"other spelling", `{"eventhandle":1}`, `{"EventHandle":"H","eventhandle":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			content, err := withoutHandle([]byte(test.sent))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(joinEvents([]delivery{{"H", content}})); got != "["+test.want+"]" {
				t.Errorf("handed out %s, want %s", got, test.want)
			}
		})
	}
}

func TestContentIsTheSameOverHTTP(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		content := []byte(`{"EventType":"<&>","FileId":14508071098244959037}`)
		send(t, e, string(content), `{"N":2}`)
		_, body, err := roundTrip(t, pipe.Serve(t, e), request(pullEvents, `{"SubAppId":1500000001}`))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(body, `","EventType":"<&>","FileId":14508071098244959037},{"EventHandle":"`) {
			t.Errorf("answer is %s", body)
		}
	})
}

func TestOnlyAJSONObjectCanBeSent(t *testing.T) {
	e := New(Config{})
	for _, content := range []string{"", " ", "null", "[]", `"x"`, "1", "{", "{} {}", `{"a":}`} {
		if err := e.Send(appID, []byte(content)); err == nil {
			t.Errorf("Send takes %q", content)
		}
	}
	if got := e.Stats(appID); got.Sent != 0 {
		t.Errorf("%d events were sent", got.Sent)
	}
}

func TestSendKeepsACopy(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		content := []byte(`{"N":1}`)
		if err := e.Send(appID, content); err != nil {
			t.Fatal(err)
		}
		copy(content, `{"N":9}`)
		if events := pull(t, e, appID); events[0].N != 1 {
			t.Errorf("Pull brought %s", events[0].raw)
		}
	})
}

func TestEachFixtureIsAnEventOfItsType(t *testing.T) {
	types := Fixtures()
	if len(types) == 0 {
		t.Fatal("there are no fixtures")
	}
	for _, eventType := range types {
		t.Run(eventType, func(t *testing.T) {
			content, err := Fixture(eventType)
			if err != nil {
				t.Fatal(err)
			}
			bubble(t, Config{}, func(t *testing.T, e *Emulator) {
				send(t, e, string(content))
				event := pull(t, e, appID)[0]
				if event.EventType != eventType {
					t.Errorf("EventType is %q", event.EventType)
				}
				if !strings.HasSuffix(event.raw, string(bytes.TrimSpace(content)[1:])) {
					t.Errorf("handed out %s, want what was sent", event.raw)
				}
			})
		})
	}
	if _, err := Fixture("NoSuchEvent"); err == nil || !strings.Contains(err.Error(), "NoSuchEvent") {
		t.Errorf("an unknown type gives the error %v", err)
	}
}

func FuzzSend(f *testing.F) {
	for _, content := range []string{`{"EventHandle":"a","b":1,"EventHandle":2}`, `{ "a" : 1 , "EventHandle" : 2 }`, `{}`,
		"{\"\xff\":1e999}", "\v{}", "{}\u00a0", "\t{}\r\n"} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		kept, err := withoutHandle(content)
		var want map[string]json.RawMessage
		if json.Unmarshal(content, &want) != nil || want == nil {
			if err == nil {
				t.Errorf("%q is taken for an object", content)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", content, err)
		}
		set := joinEvents([]delivery{{"H", kept}})
		var got []map[string]json.RawMessage
		if err := json.Unmarshal(set, &got); err != nil {
			t.Fatalf("%q becomes %q: %v", content, set, err)
		}
		want[handleKey] = []byte(`"H"`)
		if len(got) != 1 || len(got[0]) != len(want) {
			t.Fatalf("%q becomes %q", content, set)
		}
		for key, value := range want {
			if !bytes.Equal(got[0][key], value) {
				t.Errorf("%q becomes %q: %q differs", content, set, key)
			}
		}
	})
}
