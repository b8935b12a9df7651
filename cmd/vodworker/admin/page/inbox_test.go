package page

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

func TestTheVerdictOnAnInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTeller()
		var status inbox.Status
		h := []inbox.HandlerStatus{{Handler: "h", Configured: true}, {Handler: "old"}}
		status.Handlers = h
		p := New(Options{History: s.History, Handlers: []Handler{{Name: "h", Behind: true}}, Inbox: func() inbox.Status { return status }})
		wants := func(want string, since time.Time) {
			t.Helper()
			verdict := get[State](t, p, http.MethodGet, "/api/state", http.StatusOK).Verdict
			switch {
			case want == "" && len(verdict) > 0, want != "" && len(verdict) != 1:
				t.Errorf("%+v, want %q", verdict, want)
			case want != "" && (!strings.Contains(verdict[0].Text, want) || !verdict[0].Since.Equal(since)):
				t.Errorf("%+v, want %q since %v", verdict, want, since)
			}
		}
		began := time.Now()
		h[0].Waiting, h[0].Running, h[1].Dead = 1000, 64, 3
		wants("", began) // nothing is wrong with that: what was given up is with the letters
		status.Failing, status.Since = errTest, began.Add(-time.Minute)
		wants("the inbox fails, so nothing is stored: it broke", status.Since)
		status.Failing = nil

		h[0].Failed = 1
		wants("handler h fails 1 event of the inbox", began)
		time.Sleep(time.Minute)
		h[0].Failed = 2
		wants("handler h fails 2 events of the inbox", began) // though the text is another
		h[0].Failed = 0
		wants("", began)

		h[1].Waiting = 7
		wants("7 events wait in the inbox for handler old, which is not configured here", time.Now())
		h[1].Waiting = 0
		h[0].Worker.Stuck = 1
		wants("handler h has outlived the inbox's window", time.Now())
		h[0].Worker.Blocked = true
		wants("handler h: calls that do not return hold every place", time.Now())
		h[0].Worker = worker.Status{}

		s.Behind().Down(worker.DownInfo{Handler: "h", Down: true, Err: errTest})
		wants("handler h is down: it broke", time.Now())
		s.Behind().Down(worker.DownInfo{Handler: "h"})
		wants("", began)
		s.Behind().DeadLettered(worker.DeadLetter{})
		wants("an event was given up", time.Now())
	})
}

// What was stored is done as far as VOD goes; what a handler behind makes of it is the handler's, and moves no event.
func TestWhatIsBehindCountsForItsHandlerAlone(t *testing.T) {
	s := newTeller()
	e := upload(1, "")
	s.hand(e, nil)
	probe := time.Now().Add(time.Minute).Round(0).UTC()
	status := inbox.Status{Handlers: []inbox.HandlerStatus{{
		Handler: "h", Configured: true, Waiting: 5, Failed: 2, Worker: worker.Status{DownNow: []string{"h"}, ProbeAt: []time.Time{probe}},
	}}}
	s.Behind().Handled(worker.HandleInfo{Event: e, Outcome: worker.Outcome{Handler: "slow", Kind: worker.Failed, Err: errTest}})
	s.Behind().Down(worker.DownInfo{Handler: "h", Down: true, Err: errTest})
	p := New(Options{History: s.History, Handlers: []Handler{{Name: "slow", Behind: true}, {Name: "h", Behind: true}},
		Inbox: func() inbox.Status { return status }})
	state := get[State](t, p, http.MethodGet, "/api/state", http.StatusOK)
	if state.Kept[Confirmed] != 1 || state.Kept[Failed] != 0 || state.Received != 1 {
		t.Errorf("%+v", state)
	}
	if slow := state.Handlers[0]; slow.Outcomes["failed"] != 1 || slow.LastErr != "it broke" || !slow.Behind || len(slow.Down) > 0 {
		t.Errorf("%+v", slow)
	}
	if down := state.Handlers[1].Down; len(down) != 1 || down[0].App != "" || !down[0].NextProbe.Equal(probe) {
		t.Errorf("%+v", down)
	}
	want := &InboxRow{Handlers: []InboxHandlerRow{{Name: "h", Configured: true, Waiting: 3, Failed: 2, Down: true}}}
	if diff := cmp.Diff(want, state.Inbox); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnExplanationHasWhatLiesInTheInbox(t *testing.T) {
	since := time.Unix(1500, 0).UTC()
	var asked string
	var broken error
	p := New(Options{History: NewHistory(0), Find: func(_ context.Context, id string, most int) ([]inbox.Event, error) {
		asked = id
		return []inbox.Event{{Body: []byte("secret"), Jobs: []inbox.Job{{
			ID: "e", App: 18446744073709551615, Type: "NewFileUpload", File: "f", Handler: "h", State: inbox.Dead, Since: since, Stored: since,
			Runs: 6, Attempts: 5, LastError: "it broke", Reason: worker.ReasonAttempts,
		}}}}, broken
	}})
	known := get[Explanation](t, p, http.MethodGet, "/api/explain?id=f", http.StatusOK)
	want := []InboxJob{{ID: "e", App: "18446744073709551615", Type: "NewFileUpload", File: "f", Handler: "h", State: inbox.Dead, Since: since, Stored: since,
		Runs: 6, Attempts: 5, LastError: "it broke", Reason: worker.ReasonAttempts}}
	if diff := cmp.Diff(want, known.Inbox); diff != "" || asked != "f" || known.InboxError != "" {
		t.Errorf("asked for %q, %q, -want +got:\n%s", asked, known.InboxError, diff)
	}
	broken = errors.New("it is locked")
	if known := get[Explanation](t, p, http.MethodGet, "/api/explain?id=f", http.StatusOK); known.InboxError != "it is locked" || known.Inbox != nil {
		t.Errorf("%+v", known)
	}
	asked = "nothing"
	get[Explanation](t, p, http.MethodGet, "/api/explain", http.StatusOK)
	if asked != "nothing" {
		t.Error("without an id all events are meant")
	}
}
