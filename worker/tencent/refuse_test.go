package tencent_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
)

func TestARefusalSaysWhyThereAreNoOtherCredentials(t *testing.T) {
	inPod(t, 2*time.Hour, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		source := c.source(tencent.Options{Keyring: keys})
		credentials(t, keys)
		key, _, _ := c.handed()
		c.Revoke(key.SecretID)
		c.with(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
		_, err := source.Pull(t.Context())
		if !isTransient(err) || !strings.Contains(err.Error(), "looking for others failed: the TKE role "+tkeRole+": STS answers with status 503") {
			t.Errorf("Pull: %v", err)
		}
		// An answer that is lost took effect all the same.
		c.with(func(w http.ResponseWriter, r *http.Request) {
			c.with(nil)
			c.sts(w, r)
			w.WriteHeader(lost)
		})
		time.Sleep(5 * time.Second)
		if _, err := source.Pull(t.Context()); !isTransient(err) {
			t.Errorf("Pull: %v", err)
		}
		time.Sleep(11 * time.Second) // the refresher tries again by itself
		if _, err := source.Pull(t.Context()); err != nil {
			t.Errorf("Pull: %v", err)
		}
	})
}

func TestCredentialsThatWereOnlyAskedForAreNotSaidToBeThere(t *testing.T) {
	inPod(t, 2*time.Hour, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		source := c.source(tencent.Options{Keyring: keys})
		credentials(t, keys)
		key, _, _ := c.handed()
		c.Revoke(key.SecretID)
		c.with(hang)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := source.Pull(ctx)
		if !isTransient(err) || !strings.Contains(err.Error(), "; new credentials were asked for, and have not come yet: context deadline exceeded") {
			t.Errorf("Pull: %v", err)
		}
	})
}
