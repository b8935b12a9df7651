package worker_test

import (
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// front returns a Router of one handler that hands on to others; change, if not nil, changes it first.
func front(t *testing.T, change func(*worker.Handler), others ...worker.Handler) *worker.Router {
	t.Helper()
	for i := range others {
		others[i].Handle = succeed
	}
	behind, err := worker.NewRouter(others)
	if err != nil {
		t.Fatal(err)
	}
	h := worker.Handler{Name: "inbox", Behind: behind, Handle: succeed}
	if change != nil {
		change(&h)
	}
	router, err := worker.NewRouter([]worker.Handler{h})
	if err != nil {
		t.Fatal(err)
	}
	return router
}

func TestAHandlerWantsExactlyWhatOneBehindItWants(t *testing.T) {
	router := front(t, nil,
		worker.Handler{Name: "uploads", Types: []string{"NewFileUpload"}, SubApps: []uint64{7}},
		worker.Handler{Name: "images", Types: []string{"SceneAigcImageComplete"}},
		worker.Handler{Name: "tests", Types: []string{"Procedure*"}, Where: env("test")},
	)
	for _, test := range []struct {
		event   events.Event
		matches bool
		refuses bool // its content may
		why     string
	}{
		{event: events.Event{SubAppID: 7, Type: "NewFileUpload"}, matches: true},
		{event: events.Event{SubAppID: 8, Type: "NewFileUpload"}, why: "no handler wants"},
		{event: events.Event{SubAppID: 8, Type: "SceneAigcImageCompleteEvent"}, matches: true}, // its other name
		{event: events.Event{Type: "ProcedureStateChanged", Raw: procedure("test")}, matches: true, refuses: true},
		{event: events.Event{Type: "ProcedureStateChanged", Raw: procedure("live")}, refuses: true, why: "where refused"},
		{event: events.Event{Type: "FileDeleted"}, why: "no handler wants"},
		{event: events.Event{}, why: "no handler wants"},
	} {
		name := string(test.event.Type) + " " + string(test.event.Raw)
		wantEqual(t, name, strings.Join(router.Match(test.event), ", ") == "inbox", test.matches)
		names, refuses := router.MatchType(test.event.SubAppID, test.event.Type)
		wantEqual(t, name+" by type", len(names) == 1, test.matches || test.refuses)
		wantEqual(t, name+" may be refused", refuses, test.refuses)
		if why := router.WhyUnmatched(test.event); test.why != "" && !strings.Contains(why, test.why) {
			t.Errorf("%s: %q, want %q", name, why, test.why)
		}
	}
}

func TestOneBehindThatWantsAllOfATypeMakesItUnconditional(t *testing.T) {
	router := front(t, nil, worker.Handler{Name: "tests", Where: env("test")}, worker.Handler{Name: "all"})
	_, refuses := router.MatchType(0, "ProcedureStateChanged")
	wantEqual(t, "may be refused", refuses, false)
	wantEqual(t, "live", len(router.Match(events.Event{Type: "ProcedureStateChanged", Raw: procedure("live")})), 1)
}

func TestAHandlerLeavesOutSomeOfWhatThoseBehindItWant(t *testing.T) {
	for name, change := range map[string]func(*worker.Handler){
		"type":        func(h *worker.Handler) { h.Types = []string{"NewFileUpload"} },
		"application": func(h *worker.Handler) { h.SubApps = []uint64{7} },
		"content":     func(h *worker.Handler) { h.Where = env("test") },
	} {
		router := front(t, change, worker.Handler{Name: "all"})
		event := events.Event{Type: "ProcedureStateChanged", Raw: procedure("live")}
		wantEqual(t, name, len(router.Match(event)), 0)
		_, refuses := router.MatchType(event.SubAppID, event.Type)
		wantEqual(t, name+" may be refused", refuses, name == "content")
	}
}
