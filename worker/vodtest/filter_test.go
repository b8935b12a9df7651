package vodtest

import "testing"

func filtered(t *testing.T, e *Emulator, eventType, text string) appState {
	t.Helper()
	return decodeState(t, e.State(appID, Filter{Type: eventType, Find: text}))
}

func TestAFilterFindsWhatIsNotListed(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"EventType":"Even","X":{"FileId":"387702301"}}`)
		send(t, e, `{"EventType":"Odd","X":{"TaskId":"0-Task-387702301"}}`)
		for range 14 {
			send(t, e, `{"EventType":"Other"}`)
		}
		events := pull(t, e, appID)
		wantCode(t, e.Confirm(t.Context(), appID, []string{events[0].EventHandle}), "")
		for range 1000 {
			send(t, e, `{"EventType":"Odd","X":{"FileId":"5","FileName":"Ärger.mp4"}}`)
		}
		for _, test := range []struct {
			eventType, text string
			want            found
			listed          int
		}{
			{"", "387702301", found{InFlight: 1, Past: 1, Of: 1016}, 2},
			{"Odd", "387702301", found{InFlight: 1, Of: 1016}, 1},
			{"Odd", "", found{Waiting: 1000, InFlight: 1, Of: 1016}, 51},
			{"", "ÄRG", found{Waiting: 1000, Of: 1016}, 50},
			{"None", "", found{Of: 1016}, 0},
		} {
			s := filtered(t, e, test.eventType, test.text)
			if s.Found == nil || *s.Found != test.want || len(s.Waiting)+len(s.InFlight)+len(s.Past) != test.listed {
				t.Errorf("%q %q: found %+v, and %d are listed", test.eventType, test.text, s.Found, len(s.Waiting)+len(s.InFlight)+len(s.Past))
			}
		}
		if s := filtered(t, e, "", ""); s.Found != nil || len(s.Waiting) != listed {
			t.Errorf("without a filter %+v is found", s.Found)
		}
	})
}

func TestTheLastUploadIsThatOfWhoeverMadeIt(t *testing.T) {
	e := New(Config{NewAccount: true})
	if got := stateOf(t, e).LastFile; got != "" {
		t.Errorf("the last upload is %s", got)
	}
	e.Upload(appID, "a.mp4") // switched off, so that no event tells of it
	file := e.Upload(appID, "b.mp4")
	e.Upload(7, "theirs.mp4")
	if got := stateOf(t, e).LastFile; got != file {
		t.Errorf("the last upload is %s, want %s", got, file)
	}
	if file, _ = e.PullUpload(appID, "http://127.0.0.1:1/c.mp4", ""); stateOf(t, e).LastFile != file {
		t.Errorf("the last upload is %s, want %s", stateOf(t, e).LastFile, file)
	}
	e.Reset()
	if got := stateOf(t, e).LastFile; got != "" {
		t.Errorf("after a reset the last upload is %s", got)
	}
}
