package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/letters"
)

// A slowStore takes a second for a list, and knows how many were made at a time.
type slowStore struct {
	letters.Store
	now, most atomic.Int32
}

func (s *slowStore) List(context.Context) ([]letters.Entry, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	time.Sleep(time.Second)
	return nil, nil
}

// A list reads each letter: thirty pages at once took 260 MiB for 20,000 letters.
func TestManyPagesListLettersOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{}
		p := New(Options{History: NewHistory(0), Letters: store})
		var pages sync.WaitGroup
		for range 5 {
			pages.Go(func() { get[any](t, p, http.MethodGet, "/api/letters", http.StatusOK) })
		}
		synctest.Wait()
		left, leave := context.WithCancel(t.Context())
		leave()
		began := time.Now()
		p.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/letters", nil).WithContext(left))
		if waited := time.Since(began); waited > 0 {
			t.Errorf("who has left is waited for: %v", waited)
		}
		pages.Wait()
		if most := store.most.Load(); most != 1 {
			t.Errorf("%d lists were made at a time", most)
		}
	})
}
