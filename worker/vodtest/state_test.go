package vodtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func stateOf(t *testing.T, e *Emulator) appState {
	t.Helper()
	return decodeState(t, e.State(appID, Filter{}))
}

func decodeState(t *testing.T, state []byte) (s appState) {
	t.Helper()
	if err := json.Unmarshal(state, &s); err != nil {
		t.Errorf("state %s: %v", state, err)
	}
	return s
}

func TestTheStateShowsWhereEachEventIs(t *testing.T) {
	bubble(t, Config{Hold: -1, RoundTrip: 2 * time.Millisecond}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		fileID := e.Upload(appID, `<img src=x onerror="alert(1)">.mp4`)
		taskID := e.Process(appID, fileID, "")
		handles := []string{}
		for _, event := range pull(t, e, appID) {
			handles = append(handles, event.EventHandle)
		}
		send(t, e, `{"EventType":"Odd","Payload":{"FileId":12345678901234567890,"Status":0}}`)
		wantCode(t, e.Confirm(t.Context(), appID, handles[:1]), "")
		time.Sleep(10 * time.Second)

		s := stateOf(t, e)
		if len(s.Waiting) != 1 || len(s.InFlight) != 1 || len(s.Past) != 1 {
			t.Fatalf("state is %+v", s)
		}
		odd, task, upload := s.Waiting[0], s.InFlight[0], s.Past[0]
		if want := (summary{Type: "Odd", FileID: "12345678901234567890", Status: "0"}); odd.summary != want || odd.Number != 3 ||
			odd.Deliveries != 0 {
			t.Errorf("waiting is %+v", odd)
		}
		processed := summary{"ProcedureStateChanged", fileID, taskID, "FINISH", `<img src=x onerror="alert(1)">`}
		if task.summary != processed || task.Handle != handles[1] || task.Deliveries != 1 ||
			task.LeftMS != 20000-3 { // half a round trip after the pull, a whole one for the confirm
			t.Errorf("in flight is %+v", task)
		}
		if upload.Type != "NewFileUpload" || upload.How != howConfirmed || !upload.Ended.Equal(start.Add(3*time.Millisecond)) ||
			!upload.Sent.Equal(start) {
			t.Errorf("past is %+v", upload)
		}
		if s.SubAppID != appID || s.WindowMS != 30000 || s.Stats.Confirmed != 1 || s.Settings.Mode != "PULL" ||
			s.Settings.Upload != "ON" {
			t.Errorf("state is %+v", s)
		}
		if len(s.Calls) != 2 || s.Calls[0].Action != confirmEvents || s.Calls[0].Confirmed != 1 || s.Calls[1].Events != 2 ||
			s.Calls[1].TookMS != 2 {
			t.Errorf("calls are %+v", s.Calls)
		}
		for number, want := range map[int]string{1: "NewFileUpload", 2: "ProcedureStateChanged", 3: "Odd"} {
			content, ok := e.Event(appID, number)
			if !ok || !strings.Contains(string(content), `"EventType":"`+want+`"`) {
				t.Errorf("event %d is %s, want %s", number, content, want)
			}
		}
	})
}

func TestTheStateListsTheNewestAndTheNextToEndAndCountsAll(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		for n := range 1000 {
			send(t, e, fmt.Sprintf(`{"EventType":"E","N":%d}`, n))
		}
		for range 20 { // 320 events, of which 192 are confirmed
			var handles []string
			for _, event := range pull(t, e, appID) {
				handles = append(handles, event.EventHandle)
			}
			if e.Stats(appID).Confirmed < 192 {
				wantCode(t, e.Confirm(t.Context(), appID, handles), "")
			}
		}
		s := stateOf(t, e)
		if len(s.Waiting) != 50 || s.Waiting[0].Number != 1000 || s.Waiting[49].Number != 951 || s.Stats.Waiting != 680 {
			t.Errorf("%d waiting, first %+v", len(s.Waiting), s.Waiting[0])
		}
		if len(s.InFlight) != 50 || s.InFlight[0].Number != 193 || s.InFlight[49].Number != 242 || s.Stats.InFlight != 128 {
			t.Errorf("%d in flight, first %+v", len(s.InFlight), s.InFlight[0])
		}
		if len(s.Past) != keptPast || s.Past[0].Number != 192 || s.Past[99].Number != 93 || s.Stats.Confirmed != 192 {
			t.Errorf("%d past, first %+v", len(s.Past), s.Past[0])
		}
		if len(s.Calls) != 32 {
			t.Errorf("%d calls", len(s.Calls))
		}
	})
}

func TestAnEventThatComesAgainIsListedOnce(t *testing.T) {
	for _, keepHandle := range []bool{false, true} {
		bubble(t, Config{Hold: -1, KeepHandle: keepHandle}, func(t *testing.T, e *Emulator) {
			send(t, e, `{}`)
			pullOne(t, e)
			time.Sleep(time.Second)
			e.Duplicate(appID, 1)
			if s := stateOf(t, e); len(s.Waiting) != 1 || len(s.InFlight) != 0 {
				t.Errorf("state is %+v", s)
			}
			pullOne(t, e)
			if s := stateOf(t, e); len(s.Waiting) != 0 || len(s.InFlight) != 1 || s.InFlight[0].LeftMS != 30000 ||
				s.InFlight[0].Deliveries != 2 {
				t.Errorf("state is %+v", s)
			}
		})
	}
}

func TestCallsThatFoundNothingAreOneInARow(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		for range 100 {
			_, _ = e.Pull(t.Context(), appID)
		}
		_, _ = e.Pull(t.Context(), 7)
		for range 100 {
			_ = e.Confirm(t.Context(), appID, []string{"unknown"})
		}
		s := stateOf(t, e)
		if len(s.Calls) != keptCalls || s.Calls[0].Code != "InvalidParameterValue" || s.Calls[0].Times != 1 {
			t.Errorf("%d calls, the last is %+v", len(s.Calls), s.Calls[0])
		}
	})
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		for range 100 {
			_, _ = e.Pull(t.Context(), appID)
		}
		_, _ = e.Pull(t.Context(), 7)
		e.Script(Fault{Kind: FaultReset})
		_, _ = e.Pull(t.Context(), 7)
		s := stateOf(t, e)
		if len(s.Calls) != 3 || s.Calls[2].Times != 100 || s.Calls[2].Code != "ResourceNotFound" || s.Calls[1].SubAppID != 7 ||
			s.Calls[1].Times != 1 ||
			s.Calls[0].Error != "scripted fault: reset" || s.Calls[0].Fault != "*:*=reset" {
			t.Errorf("calls are %+v", s.Calls)
		}
	})
}

func TestTheStateShowsCallbacks(t *testing.T) {
	pushing(t, Push{}, "abcDEF123", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = func(r *http.Request, n int) (int, error) {
			if n == 1 {
				return never(r, n)
			}
			return http.StatusTeapot, nil
		}
		e.Upload(appID, "lighthouse.mp4")
		rest()
		configure(t, e, `{"NotificationUrl":""}`)
		send(t, e, `{"EventType":"Lost"}`)
		s := stateOf(t, e)
		if len(s.Callbacks) != 3 {
			t.Fatalf("callbacks are %+v", s.Callbacks)
		}
		lost, answered, late := s.Callbacks[0], s.Callbacks[1], s.Callbacks[2]
		if lost.Type != "Lost" || lost.Number != 2 || !lost.Last || lost.Try != 0 ||
			!strings.Contains(lost.Error, "no NotificationUrl") {
			t.Errorf("the lost one is %+v", lost)
		}
		if answered.Name != "lighthouse" || answered.Number != 1 || answered.Try != 2 || answered.Status != http.StatusTeapot ||
			!answered.Last || answered.Error != "" {
			t.Errorf("the second try is %+v", answered)
		}
		if late.Try != 1 || late.Last || late.TookMS != 5000 || late.Error != "no answer in time" ||
			late.URL != "http://hook.example.com/vod" {
			t.Errorf("the first try is %+v", late)
		}
		if content, ok := e.Event(appID, 1); !ok || !strings.Contains(string(content), `"NewFileUpload"`) {
			t.Errorf("event 1 is %s", content)
		}
	})
}

func TestNoSecretIsInTheState(t *testing.T) {
	pushing(t, Push{}, "signKEY123", func(t *testing.T, e *Emulator, h *hook) {
		key := e.Issue(time.Hour)
		send(t, e, `{}`)
		synctest.Wait()
		shown := string(e.State(appID, Filter{}))
		for _, secret := range []string{"signKEY123", key.SecretKey, key.Token, "user:pass",
			"token=x", `"Sign"`} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s is in %s", secret, shown)
			}
		}
		if !strings.Contains(shown, `"Signed":true`) || !strings.Contains(shown, `"http://hook.example.com/vod"`) {
			t.Errorf("state is %s", shown)
		}
	})
}

func TestOnlyTheKeyThatEverybodyKnowsIsShown(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  Config
		want shownKey
	}{
		{"the default", Config{}, shownKey{DefaultSecretID, DefaultSecretKey}},
		{"an own one", Config{SecretID: "AKIDown", SecretKey: "own secret"}, shownKey{"AKIDown", ""}},
		{"an own secret", Config{SecretKey: "own secret"}, shownKey{DefaultSecretID, ""}},
	} {
		if got := stateOf(t, New(test.cfg)).Key; got != test.want {
			t.Errorf("%s is shown as %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestLargeEventsAreRememberedWithoutTheirContent(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"EventType":"`+strings.Repeat("ä", maxKept)+`"}`)
		if got := stateOf(t, e).Waiting[0].Type; len([]rune(got)) != 101 {
			t.Errorf("the type has %d letters: %s", len([]rune(got)), got)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{pullOne(t, e)}), "")
		if past := e.app(appID).queue.past.kept; len(past) != 1 || past[0].content != nil {
			t.Errorf("%d bytes are kept", len(past[0].content))
		}
		if got := stateOf(t, e).Past[0].Type; got != "(not kept)" {
			t.Errorf("the type is %s", got)
		}
	})
}

func TestTheStateShowsWhatWasDropped(t *testing.T) {
	bubble(t, Config{Hold: -1, Retention: time.Hour}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"EventType":"Old"}`)
		time.Sleep(time.Hour)
		if s := stateOf(t, e); len(s.Waiting) != 0 || len(s.Past) != 1 || s.Past[0].Type != "Old" || s.Past[0].How != howDropped {
			t.Errorf("state is %+v", s)
		}
	})
}
