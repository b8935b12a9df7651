package page

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

// get asks the page, and decodes the answer.
func get[T any](t *testing.T, p *Page, method, at string, want int) (answer T) {
	t.Helper()
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, httptest.NewRequest(method, at, nil))
	if recorder.Code != want {
		t.Fatalf("%s is answered %d %s, want %d", at, recorder.Code, recorder.Body, want)
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v: %s", at, err, recorder.Body)
	}
	return answer
}

func TestFiltersOfTheURL(t *testing.T) {
	s := newTeller()
	s.hand(upload(1, ""), nil)
	s.hand(upload(2, "<img src=x onerror=alert(1)>"), errTest)
	odd := upload(3, "")
	odd.Type = "Odd"
	s.hand(odd, nil)
	flying := upload(4, "")
	s.Pulled(worker.PullInfo{Events: []events.Event{flying}})
	p := New(Options{History: s.History, Handlers: []Handler{{Name: "h", Place: "stdout"}}})
	for query, want := range map[string]string{
		"":                         "4 3 2 1",
		"outcome=failed":           "2",
		"outcome=confirmed":        "3 1",
		"outcome=in_flight":        "4",
		"handler=h&outcome=failed": "2",
		"handler=other":            "",
		"type=Odd":                 "3",
		"find=ONERROR":             "2",
		"find=9000000000000000001": "1",
		"find=900000000000000000":  "", // a part of an id is another id
		"find=" + flying.Key():     "4",
		"limit=1":                  "4",
	} {
		state := get[State](t, p, http.MethodGet, "/api/state?"+query, http.StatusOK)
		var got []string
		for _, e := range state.Events {
			got = append(got, e.N)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", query, got, want)
		}
		if query == "limit=1" && state.Found != 4 {
			t.Errorf("%d are found", state.Found)
		}
		if state.Kept[Failed] != 1 || state.Kept[Confirmed] != 2 || state.Kept[InFlight] != 1 || state.Received != 4 || state.Replica.Replica == "" {
			t.Errorf("%q: %+v", query, state)
		}
	}
}

func TestAnEventIsShownWholeAndExact(t *testing.T) {
	s := newTeller()
	e := events.Event{SubAppID: 1500000001, Type: "Odd", Handle: "h"}
	e.Raw = []byte(`{"EventType":"Odd","EventHandle":"h","Sign":"aabb","T":"1","Id":18446744073709551615,"X":1.10}`)
	s.hand(e, errTest)
	life := get[Life](t, New(Options{History: s.History}), http.MethodGet, "/api/event?n=1", http.StatusOK)
	if life.Payload != `{"EventType":"Odd","Id":18446744073709551615,"X":1.10}` || life.App != "1500000001" || !life.Repeats {
		t.Errorf("%+v", life)
	}
	get[any](t, New(Options{History: s.History}), http.MethodGet, "/api/event?n=2", http.StatusNotFound)
	get[any](t, New(Options{History: s.History}), http.MethodGet, "/api/event?n=x", http.StatusBadRequest)
}

func TestTheVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTeller()
		stopping := make(chan struct{})
		status := worker.Status{State: worker.Running, LastPoll: time.Now()}
		trouble := ""
		p := New(Options{History: s.History, LongestPause: 3 * time.Minute, Stopping: stopping, Handlers: []Handler{{Name: "h"}}, Applications: []Application{{
			Name: "default", Status: func() worker.Status { return status }, Trouble: func() string { return trouble },
		}}})
		began := time.Now()
		wants := func(want string, since time.Time) {
			t.Helper()
			verdict := get[State](t, p, http.MethodGet, "/api/state", http.StatusOK).Verdict
			if want == "" && len(verdict) == 0 {
				return
			}
			if len(verdict) != 1 || !strings.Contains(verdict[0].Text, want) || !verdict[0].Since.Equal(since) {
				t.Errorf("%+v, want %q since %v", verdict, want, since)
			}
		}
		wants("", began)
		s.hand(upload(1, ""), errTest)
		wants("", began) // it may pass
		time.Sleep(31 * time.Second)
		wants("1 event fails", began)
		s.hand(upload(1, ""), nil)
		wants("", began)

		status.Failing = errTest
		s.Pulled(worker.PullInfo{Err: errTest})
		failing := time.Now()
		time.Sleep(time.Minute)
		s.Pulled(worker.PullInfo{Err: errTest})
		wants("calls of the API fail: it broke", failing)
		status.Failing = errors.Join(worker.ErrFatal, errTest)
		wants("the API refuses what is configured", failing)
		status.Failing = nil
		s.Pulled(worker.PullInfo{})

		down := time.Now()
		s.Down(worker.DownInfo{Handler: "h", Down: true, Err: errTest})
		wants("handler h is down: it broke", down)
		s.Down(worker.DownInfo{Handler: "h"})

		trouble = "application default is in the mode PUSH"
		seen := time.Now()
		wants("PUSH", seen)
		time.Sleep(time.Minute)
		wants("PUSH", seen)
		trouble = ""
		wants("", seen)
		status.Stuck = 1
		wants("does not return", time.Now())
		status.Blocked = true
		wants("hold every place", time.Now())
		status.Stuck, status.Blocked = 0, false

		poll := status.LastPoll
		time.Sleep(3 * time.Minute)
		wants("no poll has ended", poll)
		status.LastPoll = time.Now()
		s.DeadLettered(worker.DeadLetter{Event: upload(2, "")})
		wants("an event was given up", time.Now())
		time.Sleep(recently)
		status.LastPoll = time.Now()
		wants("", began)
		close(stopping)
		wants("it is stopping", time.Now())
	})
}

func TestHandlersThatAreDownKeepTheirOrder(t *testing.T) {
	s := newTeller()
	p := New(Options{History: s.History, LongestPause: 3 * time.Minute, Handlers: []Handler{{Name: "h"}}})
	for _, id := range []uint64{1500000001, 0} {
		p.o.Applications = append(p.o.Applications, Application{
			Name: map[uint64]string{0: "default", 1500000001: "1500000001"}[id], SubAppID: id,
			Status: func() worker.Status { return worker.Status{State: worker.Running, LastPoll: time.Now()} },
		})
		s.Down(worker.DownInfo{SubAppID: id, Handler: "h", Down: true, Err: errTest})
	}
	for range 20 {
		verdict := get[State](t, p, http.MethodGet, "/api/state", http.StatusOK).Verdict
		if len(verdict) != 2 || !strings.Contains(verdict[0].Text, "application") || strings.Contains(verdict[1].Text, "application") {
			t.Fatalf("%+v", verdict)
		}
	}
}

func TestLettersOfThePage(t *testing.T) {
	dir, err := letters.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	broken, entered, leave := true, make(chan bool, 10), make(chan bool, 10)
	router, err := worker.NewRouter([]worker.Handler{{Name: "h", Retry: worker.Retry{Tries: 1}, Handle: func(context.Context, events.Event) error {
		entered <- true
		<-leave
		mu.Lock()
		defer mu.Unlock()
		if broken {
			return errTest
		}
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := dir.Write(t.Context(), worker.DeadLetter{Event: upload(n, ""), Reason: worker.ReasonPermanent, Missing: []string{"h"}, LastError: "old"}); err != nil {
			t.Fatal(err)
		}
	}
	p := New(Options{History: NewHistory(0), Letters: dir, Router: router})
	type list struct{ Letters []LetterRow }
	all := get[list](t, p, http.MethodGet, "/api/letters", http.StatusOK).Letters
	if len(all) != 3 || all[0].Error != "old" || all[0].File == "" {
		t.Fatalf("%+v", all)
	}
	at := func(path string, n int) string { return path + "?name=" + all[n].Name }
	if one := get[LetterRow](t, p, http.MethodGet, at("/api/letter", 0), http.StatusOK); !strings.Contains(one.Payload, `"NewFileUpload"`) {
		t.Errorf("%+v", one)
	}
	type replayed struct {
		Gone  bool
		Error string
	}
	leave <- true
	if done := get[replayed](t, p, http.MethodPost, at("/api/replay", 0), http.StatusOK); done.Gone || !strings.Contains(done.Error, "it broke") {
		t.Errorf("it fails again: %+v", done)
	}
	<-entered
	mu.Lock()
	broken = false
	mu.Unlock()
	var first sync.WaitGroup
	first.Go(func() {
		if done := get[replayed](t, p, http.MethodPost, at("/api/replay", 0), http.StatusOK); !done.Gone {
			t.Errorf("it is mended: %+v", done)
		}
	})
	<-entered
	get[any](t, p, http.MethodPost, at("/api/replay", 1), http.StatusConflict) // one at a time
	leave <- true
	first.Wait()
	get[any](t, p, http.MethodPost, at("/api/replay", 0), http.StatusConflict) // it is gone
	get[any](t, p, http.MethodPost, at("/api/purge", 1), http.StatusOK)
	get[any](t, p, http.MethodPost, at("/api/purge", 1), http.StatusConflict)
	get[any](t, p, http.MethodGet, at("/api/letter", 1), http.StatusConflict)
	if _, err := dir.Show(t.Context(), all[1].Name); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if rest := get[list](t, p, http.MethodGet, "/api/letters", http.StatusOK).Letters; len(rest) != 1 || rest[0].Name != all[2].Name {
		t.Errorf("%+v", rest)
	}
	none := New(Options{History: NewHistory(0), Router: router})
	for _, path := range []string{"/api/replay", "/api/purge"} {
		get[any](t, none, http.MethodPost, at(path, 2), http.StatusNotFound)
		recorder := httptest.NewRecorder()
		p.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, at(path, 2), nil))
		if recorder.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET %s is answered %d", path, recorder.Code)
		}
	}
}
