package page

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Workers tell while somebody looks.
func TestTheHistoryIsReadWhileItIsWritten(t *testing.T) {
	s := newTeller()
	p := New(Options{History: s.History})
	var telling sync.WaitGroup
	for w := range 4 {
		telling.Go(func() {
			for n := range 300 {
				var err error
				if n%3 == 0 {
					err = errTest
				}
				s.hand(upload(w*1000+n%100, ""), err)
			}
		})
	}
	for range 30 {
		for _, path := range []string{"/api/state?find=v1", "/api/explain?id=9000000000000000001", "/api/event?n=5"} {
			p.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
		}
	}
	telling.Wait()
}
