package page

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

// All of the page is sent each second, to each who looks.
func TestLongNamesMakeNoLongAnswers(t *testing.T) {
	const all = 10
	long := strings.Repeat("é", 1<<16)
	dir, err := letters.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newTeller()
	for n := range all {
		e := events.Event{Type: events.NewFileUpload, Handle: fmt.Sprint(n)}
		name := long
		if n%2 == 1 {
			e.Type, name = events.Type(fmt.Sprint(n, long)), ""
		}
		e.Raw = fmt.Appendf(nil, `{"EventType":%q,"EventHandle":"%d","FileUploadEvent":{"FileId":"%d%s","MediaBasicInfo":{"Name":"%s"}}}`,
			e.Type, n, n, name, name)
		s.hand(e, errTest)
		if n < 4 {
			if err := dir.Write(t.Context(), worker.DeadLetter{Event: e, Reason: worker.ReasonPermanent, Missing: []string{"h"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := New(Options{History: s.History, Handlers: []Handler{{Name: "h"}}, Letters: dir})
	for _, path := range []string{"/api/state", "/api/letters"} {
		answer := httptest.NewRecorder()
		p.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if n := answer.Body.Len(); answer.Code != http.StatusOK || n > 64<<10 {
			t.Errorf("%s: %d, %d bytes", path, answer.Code, n)
		}
	}
	for _, l := range s.lives() {
		if len(l.kind) > maxText+3 || l.facts == nil && l.raw != nil {
			t.Errorf("a type of %d bytes is kept: nothing counts it", len(l.kind))
		}
	}
}
