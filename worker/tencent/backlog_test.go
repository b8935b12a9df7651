package tencent_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

func TestCredentialsThatExpireInTheMiddleOfABacklogCostNoEventASecondRun(t *testing.T) {
	tests := map[string]struct {
		trouble func(c *cloud)
		refused bool   // whether VOD refuses calls
		log     string // what it says
	}{
		"refreshed in time": {trouble: func(*cloud) {}},
		"no refresh until 10 s after their end": {log: "the key from the CVM role vodworker-role ended at 2000-01-01T00:01:00Z, and a new one could not be had: ", trouble: func(c *cloud) {
			time.AfterFunc(40*time.Second, func() {
				c.with(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
			})
			time.AfterFunc(70*time.Second, func() { c.with(nil) })
		}},
		"revoked before their end": {refused: true, log: "there are new credentials", trouble: func(c *cloud) {
			time.AfterFunc(40*time.Second, func() {
				key, _, _ := c.handed()
				c.mu.Lock()
				c.key.Ends = time.Time{} // the metadata service has another from now on
				c.mu.Unlock()
				c.Revoke(key.SecretID)
			})
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inCloud(t, time.Minute, func(t *testing.T, c *cloud) {
				const n = 1200 // 150 s
				for i := range n {
					c.Upload(0, fmt.Sprintf("%d.mp4", i))
				}
				test.trouble(c)
				var mu sync.Mutex
				runs := map[string]int{}
				w, err := worker.New(c.source(tencent.Options{Keyring: c.keyring(tencent.KeyringOptions{})}), []worker.Handler{{
					Name: "second", Handle: func(ctx context.Context, e events.Event) error {
						time.Sleep(time.Second)
						mu.Lock()
						defer mu.Unlock()
						runs[e.FileID()]++
						return ctx.Err()
					},
				}}, &worker.Options{Concurrency: 8, Log: zerolog.New(c.log)})
				if err != nil {
					t.Fatal(err)
				}
				summary, err := w.Drain(t.Context(), worker.DrainOptions{MaxDuration: time.Hour})
				if err != nil || !summary.Clean() || summary.Confirmed != n {
					t.Errorf("%+v, %v\n%s", summary, err, c.log)
				}
				for file, times := range runs {
					if times != 1 {
						t.Errorf("file %s was handled %d times", file, times)
					}
				}
				if len(runs) != n {
					t.Errorf("%d events were handled", len(runs))
				}
				if s := c.Stats(0); s.Redelivered != 0 || s.Confirmed != n {
					t.Errorf("%+v", s)
				}
				key, _, failed := c.handed()
				if (failed > 0) != test.refused {
					t.Errorf("VOD refused %d calls", failed)
				}
				if !strings.Contains(c.log.String(), test.log) {
					t.Errorf("the log does not hold %q:\n%s", test.log, c.log)
				}
				if len(c.keys) < 3 {
					t.Errorf("%d keys, the last one %v: they did not expire in the middle", len(c.keys), key.Ends)
				}
			})
		})
	}
}
