package console

import (
	"net/http"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestATemporaryKeyIsIssuedToAnotherProcess(t *testing.T) {
	called(t, "http://localhost:9266", Handler(vodtest.New(vodtest.Config{}), Options{}), func(t *testing.T, c *Client) {
		first := must[vodtest.Key](t)(c.Issue(t.Context(), time.Hour))
		second := must[vodtest.Key](t)(c.Issue(t.Context(), 90*time.Minute))
		if first.SecretID == "" || first.SecretKey == "" || first.Token == "" || first.SecretID == second.SecretID {
			t.Errorf("the keys are %+v and %+v", first, second)
		}
		if got := time.Until(first.Ends); got != time.Hour {
			t.Errorf("the first one ends in %v", got)
		}
		if got := time.Until(second.Ends); got != 90*time.Minute {
			t.Errorf("the second one ends in %v", got)
		}
		for _, ttl := range []time.Duration{0, -time.Second} {
			if key, err := c.Issue(t.Context(), ttl); err == nil || key.SecretID != "" || err.Error() != errTTL.Error() {
				t.Errorf("for %v a key is %+v, %v", ttl, key, err)
			}
		}
	})
}

func TestAKeyThatIsIssuedForNoTimeIsRefused(t *testing.T) {
	for _, body := range []string{`{}`, `{"Ttl":""}`, `{"Ttl":"3600"}`, `{"Ttl":"0s"}`, `{"Ttl":"-1h"}`} {
		var answer struct{ Error string }
		status := controlled(t, vodtest.New(vodtest.Config{}), http.MethodPost, "issue", body, &answer)
		if status != http.StatusBadRequest || answer.Error != errTTL.Error() {
			t.Errorf("%s is answered %d %q", body, status, answer.Error)
		}
	}
}
