package tencent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
)

// credentials returns those that calls would be signed with, and how long that took.
func credentials(t *testing.T, keys *tencent.Keyring) (tencent.Credentials, time.Duration) {
	t.Helper()
	begin := time.Now()
	got, err := keys.Credentials(t.Context())
	if err != nil {
		t.Errorf("Credentials: %v", err)
	}
	return got, time.Since(begin)
}

func TestCredentialsAreRefreshedAheadOfTheirEnd(t *testing.T) {
	tests := map[time.Duration][]time.Duration{ // by how long they are good for
		2 * time.Hour:    {0, 110 * time.Minute, 220 * time.Minute},
		10 * time.Minute: {0, 5 * time.Minute, 10 * time.Minute},
		4 * time.Second:  {0, 5 * time.Second, 10 * time.Second}, // at most every 5 s
	}
	for ttl, want := range tests {
		inPod(t, ttl, func(t *testing.T, c *cloud, _ string) {
			c.keyring(tencent.KeyringOptions{})
			time.Sleep(want[2])
			synctest.Wait()
			if _, asked, _ := c.handed(); !slices.Equal(asked, want) {
				t.Errorf("good for %v: asked after %v, want %v", ttl, asked, want)
			}
		})
	}
}

// The metadata service hands out what it has until it makes new ones, which may be later than we ask.
func TestTheSameCredentialsAgainAreNoFailure(t *testing.T) {
	inCloud(t, 2*time.Hour, func(t *testing.T, c *cloud) {
		keys := c.keyring(tencent.KeyringOptions{})
		old, _ := credentials(t, keys)
		c.mu.Lock()
		c.ttl = 2 * time.Minute // it renews less than a minute before their end
		c.mu.Unlock()
		time.Sleep(2*time.Hour - time.Second)
		fresh, waited := credentials(t, keys)
		_, asked, _ := c.handed()
		for i, left := range []time.Duration{0, 10 * time.Minute, 5 * time.Minute, 150 * time.Second, 75 * time.Second, 37500 * time.Millisecond} {
			if i > 0 && (i >= len(asked) || asked[i] != 2*time.Hour-left) {
				t.Errorf("asked after %v", asked)
				break
			}
		}
		if fresh.SecretID == old.SecretID || waited != 0 || strings.Contains(c.log.String(), "failed") {
			t.Errorf("%v after waiting %v\n%s", fresh, waited, c.log)
		}
	})
}

func TestNoCallWaitsForARefreshWhileItsCredentialsHold(t *testing.T) {
	inCloud(t, 20*time.Minute, func(t *testing.T, c *cloud) {
		keys := c.keyring(tencent.KeyringOptions{})
		old, waited := credentials(t, keys)
		if !old.Temporary() || !old.Ends.Equal(c.begin.Add(20*time.Minute)) || old.IDFrom != "the CVM role "+cvmRole {
			t.Errorf("%#v until %v", old, old.Ends)
		}
		c.with(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }) // a refresh takes 10 s, and fails
		for range 19 {
			time.Sleep(time.Minute)
			got, w := credentials(t, keys)
			if waited += w; got != old {
				t.Errorf("after %v: %v", time.Since(c.begin), got)
			}
		}
		if waited != 0 {
			t.Errorf("calls have waited for %v", waited)
		}
	})
}

func TestWhenTheyAreOverAllCallsWaitForOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		old := tencent.Credentials{SecretID: "old", SecretKey: "k", Token: "t", Ends: begin.Add(time.Hour)}
		begun := make(chan struct{}, 100)
		keys, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Provider: func(ctx context.Context) (tencent.Credentials, error) {
			if time.Now().Before(old.Ends) {
				return old, nil
			}
			begun <- struct{}{}
			select {
			case <-time.After(3 * time.Second):
				return tencent.Credentials{SecretID: "fresh", SecretKey: "k", Token: "t", Ends: time.Now().Add(time.Hour)}, nil
			case <-ctx.Done():
				return old, ctx.Err()
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer keys.Close()
		time.Sleep(time.Hour)
		var out sync.WaitGroup
		for range 100 {
			out.Go(func() {
				if got, waited := credentials(t, keys); got.SecretID != "fresh" || waited != 3*time.Second {
					t.Errorf("waited %v for %s", waited, got.SecretID)
				}
			})
		}
		// A call that can't wait so long does not.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := keys.Credentials(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(old.Ends) != time.Second {
			t.Errorf("Credentials: %v after %v", err, time.Since(old.Ends))
		}
		out.Wait()
		if len(begun) != 1 {
			t.Errorf("%d refreshes", len(begun))
		}
	})
}

func TestARefreshThatFailsForTenMinutesIsSaidInEachAndWhenItIsOver(t *testing.T) {
	inCloud(t, 15*time.Minute, func(t *testing.T, c *cloud) {
		keys := c.keyring(tencent.KeyringOptions{})
		source := c.source(tencent.Options{Keyring: keys})
		if _, err := source.Pull(t.Context()); err != nil {
			t.Error(err)
		}
		c.with(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		time.Sleep(time.Until(c.begin.Add(17*time.Minute + 20*time.Second))) // in the tenth minute after the first failure
		synctest.Wait()
		_, asked, _ := c.handed()
		// At the beginning, at 7.5 minutes, and then after 5, 10, 20, 30, 30 … seconds and up to a tenth more.
		if len(asked) < 20 || len(asked) > 23 {
			t.Errorf("asked %d times: %v", len(asked), asked)
		}
		_, err := source.Pull(t.Context())
		var api *tencent.Error
		if !errors.As(err, &api) || api.Code != "ClientError.CredentialError" || !isTransient(err) ||
			!strings.HasSuffix(err.Error(), ": the key from the CVM role vodworker-role ended at 2000-01-01T00:15:00Z, and a new one "+
				"could not be had: the CVM role vodworker-role: the metadata service answers with status 502") {
			t.Errorf("Pull: %v", err)
		}
		failed := "refresh credentials failed, trying again"
		outage := slices.Repeat([]string{failed}, 9) // in each minute but the first
		wantLines(t, c.log, `"level":"warn"`, outage...)

		c.with(nil)
		time.Sleep(35 * time.Second)
		synctest.Wait()
		if _, err := source.Pull(t.Context()); err != nil {
			t.Error(err)
		}
		wantLines(t, c.log, `"level":"warn"`, outage...)
		wantLines(t, c.log, `"level":"info"`, failed, "refresh credentials recovered")

		// The next time is another.
		c.with(page(502, ""))
		time.Sleep(8 * time.Minute)
		synctest.Wait()
		wantLines(t, c.log, `"level":"info"`, failed, "refresh credentials recovered", failed)
	})
}

// wantLines checks that these lines, and no others of that level, are in the log.
func wantLines(t *testing.T, log fmt.Stringer, level string, want ...string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, level) {
			got = append(got, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("lines with %s: %q, want %q", level, got, want)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("line %s, want %s", got[i], want[i])
		}
	}
}

func TestExpiredCredentialsAreNotTaken(t *testing.T) {
	inCloud(t, -time.Minute, func(t *testing.T, c *cloud) {
		_, err := c.keyring(tencent.KeyringOptions{}).Credentials(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the CVM role vodworker-role hands out credentials that ended 1m0s ago: is this machine's clock right?") {
			t.Errorf("Credentials: %v", err)
		}
	})
}

func TestAProviderOfYourOwnIsAskedAtOnceAndThenInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := errors.New("the vault is sealed")
		if _, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{
			Provider: func(context.Context) (tencent.Credentials, error) { return tencent.Credentials{}, fail },
		}); !errors.Is(err, fail) {
			t.Errorf("NewKeyring: %v", err)
		}
		if _, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{
			Provider: func(context.Context) (tencent.Credentials, error) { return tencent.Credentials{}, nil },
		}); err == nil || !strings.Contains(err.Error(), "need both") {
			t.Errorf("NewKeyring without a key: %v", err)
		}
		calls := 0
		keys, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{
			Provider: func(context.Context) (tencent.Credentials, error) {
				calls++
				return tencent.Credentials{SecretID: fmt.Sprint("AKID", calls), SecretKey: "k", Token: "t", Ends: time.Now().Add(time.Hour)}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute)
		synctest.Wait()
		if got, _ := credentials(t, keys); got.SecretID != "AKID2" {
			t.Errorf("%s after %d calls", got.SecretID, calls)
		}
		if err := keys.Close(); err != nil {
			t.Error(err)
		}
		if got, _ := credentials(t, keys); got.SecretID != "AKID2" {
			t.Error("a closed keyring forgets")
		}
		time.Sleep(2 * time.Hour)
		if _, err := keys.Credentials(t.Context()); err == nil || calls != 2 {
			t.Errorf("%v after %d calls", err, calls)
		}
	})
}
