package tencent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestARequestIDStandsBesideAnErrorAndNotInIt(t *testing.T) {
	inPod(t, time.Hour, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		source := c.source(tencent.Options{Keyring: keys})
		credentials(t, keys)
		c.Script(vodtest.Fault{Code: "InternalError"})
		want := func(what string, err error, want string) {
			t.Helper()
			failed, ok := errors.AsType[*tencent.Error](err)
			if !ok || failed.Request() == "" || want != "" && failed.Request() != want || strings.Contains(err.Error(), failed.Request()) {
				t.Errorf("%s: %v, RequestId %q", what, err, failed.Request())
			}
		}
		_, err := source.Pull(t.Context())
		want("VOD's", err, "")
		// STS refuses the role when its key has ended.
		c.with(page(200, `{"Response":{"Error":{"Code":"InternalError","Message":"no"},"RequestId":"req-1"}}`))
		time.Sleep(2 * time.Hour)
		_, err = source.Pull(t.Context())
		want("of STS", err, "req-1")
		if !strings.Contains(c.log.String(), `STS answers InternalError: no","request_id":"req-1"`) {
			t.Errorf("the log does not name the request:\n%s", c.log)
		}
	})
}
