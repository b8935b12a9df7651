package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
)

// A lazy reader asks, and does not read.
type lazyReader struct {
	*httptest.ResponseRecorder
	writing chan struct{}
	read    chan struct{}
}

func (l lazyReader) Write(p []byte) (int, error) {
	l.writing <- struct{}{}
	<-l.read
	return len(p), nil
}

// Whoever reaches the port may ask, and Prometheus must come through all the same.
func TestWhoReadsNothingKeepsNoScrapeOut(t *testing.T) {
	handler := all().Handler()
	writing, read := make(chan struct{}), make(chan struct{})
	defer close(read)
	for range 10 {
		go handler.ServeHTTP(lazyReader{httptest.NewRecorder(), writing, read}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		<-writing
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

// A folder that hangs holds up scrapes, and no more of them than four; others wait for their turn.
func TestAScrapeWaitsForItsTurn(t *testing.T) {
	for name, test := range map[string]struct {
		hangs time.Duration
		want  int
	}{"a moment": {time.Second, http.StatusOK}, "for good": {time.Hour, http.StatusServiceUnavailable}} {
		synctest.Test(t, func(t *testing.T) {
			m := all()
			m.Begin(metrics.Process{Letters: func() (int, error) { time.Sleep(test.hangs); return 0, nil }})
			handler := m.Handler()
			scrape := func() int {
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
				return answer.Code
			}
			var others sync.WaitGroup
			for range 4 {
				others.Go(func() { scrape() })
			}
			synctest.Wait()
			if got := scrape(); got != test.want {
				t.Errorf("it hangs %s: %d, want %d", name, got, test.want)
			}
			others.Wait()
		})
	}
}
