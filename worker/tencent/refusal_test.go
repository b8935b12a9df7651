package tencent_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func isTransient(err error) bool {
	return err != nil && !errors.Is(err, worker.ErrFatal) && !errors.Is(err, worker.ErrRefused) && !errors.Is(err, worker.ErrThrottled)
}

func TestARevokedKeyIsNamedAsSuchWithinOneCall(t *testing.T) {
	permanent := func(c *cloud) vodtest.Key { return c.Issue(0) }
	tests := map[string]struct {
		find func(t *testing.T, c *cloud) (tencent.Options, vodtest.Key)
		say  string
	}{
		"of a variable": {func(t *testing.T, c *cloud) (tencent.Options, vodtest.Key) {
			key := permanent(c)
			os.Setenv(tencent.EnvSecretID, key.SecretID)
			os.Setenv(tencent.EnvSecretKey, key.SecretKey)
			return tencent.Options{}, key
		}, "look at TENCENTCLOUD_SECRET_ID"},
		"of the program": {func(t *testing.T, c *cloud) (tencent.Options, vodtest.Key) {
			key := permanent(c)
			return tencent.Options{Credentials: &tencent.Credentials{SecretID: key.SecretID, SecretKey: key.SecretKey, IDFrom: "MY_ID"}}, key
		}, "look at MY_ID"},
		"of the profile file": {func(t *testing.T, c *cloud) (tencent.Options, vodtest.Key) {
			key := permanent(c)
			writeProfile(t, key)
			return tencent.Options{}, key
		}, ".tencentcloud/credentials"},
		"of a provider": {func(t *testing.T, c *cloud) (tencent.Options, vodtest.Key) {
			key := permanent(c)
			return tencent.Options{Keyring: c.keyring(tencent.KeyringOptions{Provider: func(context.Context) (tencent.Credentials, error) {
				return tencent.Credentials{SecretID: key.SecretID, SecretKey: key.SecretKey, IDFrom: "/run/secrets/id"}, nil
			}})}, key
		}, "look at /run/secrets/id"},
		"of a CVM role, which has no other": {func(t *testing.T, c *cloud) (tencent.Options, vodtest.Key) {
			keys := c.keyring(tencent.KeyringOptions{})
			credentials(t, keys)
			key, _, _ := c.handed()
			return tencent.Options{Keyring: keys}, key
		}, "look at the CVM role " + cvmRole},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
				opts, key := test.find(t, c)
				source := c.source(opts)
				if _, err := source.Pull(t.Context()); err != nil {
					t.Fatal(err)
				}
				c.Revoke(key.SecretID)
				begin := time.Now()
				_, err := source.Pull(t.Context())
				if !errors.Is(err, worker.ErrFatal) || !strings.Contains(err.Error(), "there is no such key, or it was deleted or disabled: look at ") ||
					!strings.Contains(err.Error(), test.say) || time.Since(begin) > 0 {
					t.Errorf("Pull: %v after %v", err, time.Since(begin))
				}
			})
		})
	}
}

func writeProfile(t *testing.T, key vodtest.Key) {
	t.Helper()
	dir := filepath.Join(os.Getenv("HOME"), ".tencentcloud")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("# mine\n[default]\nsecret_id = %s\nsecret_key = %s\n", key.SecretID, key.SecretKey)
	if key.Token != "" {
		text += "token = " + key.Token + "\n"
	}
	write(t, filepath.Join(dir, "credentials"), text)
}

func TestAProfileFileThatHasChangedIsTakenUpWhenTheOldKeyIsRefused(t *testing.T) {
	inCloud(t, 0, func(t *testing.T, c *cloud) {
		old, fresh := c.Issue(0), c.Issue(0)
		writeProfile(t, old)
		source := c.source(tencent.Options{})
		pull := func() error {
			_, err := source.Pull(t.Context())
			return err
		}
		if err := pull(); err != nil {
			t.Error(err)
		}
		c.Revoke(old.SecretID) // too early
		if err := pull(); !errors.Is(err, worker.ErrFatal) || !strings.Contains(err.Error(), "; others were asked for, and there are none") {
			t.Errorf("with the old key: %v", err)
		}
		writeProfile(t, fresh)
		time.Sleep(30 * time.Second) // as the worker does
		if err := pull(); !isTransient(err) || !strings.Contains(err.Error(), "there are new credentials, which are tried next") {
			t.Errorf("when the file has changed: %v", err)
		}
		if err := pull(); err != nil {
			t.Errorf("with the new key: %v", err)
		}
		c.Revoke(fresh.SecretID)
		if err := os.Remove(filepath.Join(os.Getenv("HOME"), ".tencentcloud", "credentials")); err != nil {
			t.Error(err)
		}
		time.Sleep(30 * time.Second)
		if err := pull(); !errors.Is(err, worker.ErrFatal) || !strings.Contains(err.Error(), "; looking for others failed: profile file ") {
			t.Errorf("when the file is gone: %v", err)
		}
	})
}

func TestANewKeyThatIsRefusedAtOnceIsSaidToBeNew(t *testing.T) {
	inCloud(t, 0, func(t *testing.T, c *cloud) {
		old, fresh := c.Issue(0), c.Issue(0)
		writeProfile(t, old)
		source := c.source(tencent.Options{})
		c.Revoke(old.SecretID)
		c.Revoke(fresh.SecretID)
		writeProfile(t, fresh)
		if _, err := source.Pull(t.Context()); !isTransient(err) {
			t.Errorf("the old key: %v", err)
		}
		if _, err := source.Pull(t.Context()); !errors.Is(err, worker.ErrFatal) ||
			!strings.Contains(err.Error(), "; these were new, and those before were refused too") {
			t.Errorf("the new key: %v", err)
		}
		time.Sleep(5 * time.Second) // from then on the file is read again
		_, err := source.Pull(t.Context())
		if !errors.Is(err, worker.ErrFatal) || !strings.Contains(err.Error(), "; others were asked for, and there are none") {
			t.Errorf("the new key, later: %v", err)
		}
	})
}

func TestFreshCredentialsThatAreRefusedTooAreFatal(t *testing.T) {
	inPod(t, 2*time.Hour, func(t *testing.T, c *cloud, _ string) {
		source := c.source(tencent.Options{Keyring: c.keyring(tencent.KeyringOptions{})})
		call := func() error { // a poll would be held
			_, err := source.Backlog(t.Context())
			return err
		}
		if err := call(); err != nil {
			t.Error(err)
		}
		revoke := func() {
			key, _, _ := c.handed()
			c.Revoke(key.SecretID)
		}
		revoke()
		if err := call(); !isTransient(err) || !strings.Contains(err.Error(), "there are new credentials") {
			t.Errorf("a revoked key: %v", err)
		}
		if err := call(); err != nil {
			t.Errorf("the next one: %v", err)
		}
		// Too early for others, but these were good a moment ago.
		revoke()
		if err := call(); !isTransient(err) || !strings.Contains(err.Error(), "; others were asked for less than 5 s ago, and there were none") ||
			strings.Contains(err.Error(), "there are new") {
			t.Errorf("revoked at once: %v", err)
		}
		time.Sleep(5 * time.Second)
		_ = call()
		if err := call(); err != nil {
			t.Errorf("the one after that: %v", err)
		}
		// Now the account refuses whatever the role gets.
		revoke()
		time.Sleep(5 * time.Second)
		if err := call(); !isTransient(err) {
			t.Errorf("revoked again: %v", err)
		}
		revoke()
		if err := call(); !errors.Is(err, worker.ErrFatal) || !strings.Contains(err.Error(), "look at the TKE role "+tkeRole+
			"; these were new, and those before were refused too") {
			t.Errorf("and the fresh ones too: %v", err)
		}
		// The next call is 30 s later, and finds others.
		time.Sleep(30 * time.Second)
		_ = call()
		time.Sleep(30 * time.Second)
		if err := call(); err != nil {
			t.Errorf("when it takes them again: %v", err)
		}
	})
}

func TestRefusalsLeadToARefreshEveryFiveSecondsAtMost(t *testing.T) {
	inPod(t, 2*time.Hour, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		source := c.source(tencent.Options{Keyring: keys})
		credentials(t, keys)
		_, before, _ := c.handed()
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			key, _, _ := c.handed()
			c.Revoke(key.SecretID)
			if _, err := source.Pull(t.Context()); err == nil {
				t.Error("a call with a revoked key succeeds")
			}
		}
		if _, asked, _ := c.handed(); len(asked)-len(before) != 12 {
			t.Errorf("asked %d times in a minute: %v", len(asked)-len(before), asked)
		}
	})
}

func TestALateRefusalOfAnOldKeyIsNotBlamedOnTheNewOne(t *testing.T) {
	inPod(t, 2*time.Hour, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		slow, fast := c.source(tencent.Options{Keyring: keys}), c.source(tencent.Options{Keyring: keys})
		tencent.DialWith(slow, lateAnswers(c, 8*time.Second))
		credentials(t, keys)
		key, _, _ := c.handed()
		c.Revoke(key.SecretID)
		late := make(chan error)
		go func() {
			_, err := slow.Pull(t.Context())
			late <- err
		}()
		synctest.Wait() // until it has been signed with the old key, and refused
		if _, err := fast.Pull(t.Context()); !isTransient(err) {
			t.Errorf("Pull: %v", err)
		}
		_, before, _ := c.handed()
		if err := <-late; !isTransient(err) || !strings.Contains(err.Error(), "SecretIdNotFound") {
			t.Errorf("late: %v", err)
		}
		if _, asked, _ := c.handed(); len(asked) != len(before) {
			t.Errorf("asked again: %v", asked)
		}
	})
}

// lateAnswers dials servers that answer each call only after a while.
func lateAnswers(c *cloud, after time.Duration) func(context.Context, string, string) (net.Conn, error) {
	return pipe.Serve(c.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		c.ServeHTTP(answer, r)
		time.Sleep(after)
		_, _ = w.Write(answer.Body.Bytes())
	})).DialContext
}

// Several applications pull and confirm while credentials change all the time: a request never mixes two of them.
func TestARequestIsSignedByOneKey(t *testing.T) {
	inPod(t, 10*time.Second, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		var out sync.WaitGroup
		for app := range uint64(4) {
			source := c.source(tencent.Options{Keyring: keys, SubAppID: app})
			for range 4 {
				out.Go(func() {
					for time.Since(c.begin) < time.Minute {
						if err := source.Confirm(t.Context(), []string{"unknown"}); !errors.Is(err, worker.ErrRefused) {
							t.Errorf("Confirm: %v", err)
						}
						time.Sleep(100 * time.Millisecond)
					}
				})
			}
		}
		out.Wait()
		if _, asked, failed := c.handed(); failed > 0 || len(asked) < 12 {
			t.Errorf("%d calls were not let through, with %d keys", failed, len(asked))
		}
	})
}
