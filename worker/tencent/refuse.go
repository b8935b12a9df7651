package tencent

import (
	"context"
	"fmt"
	"time"
)

// What may be known of others when credentials are refused.
const (
	othersHere  = "there are new credentials, which are tried next"
	othersNone  = "others were asked for, and there are none"
	othersEarly = "others were asked for less than 5 s ago, and there were none"
	othersToo   = "these were new, and those before were refused too"
)

// refuse notes that the API did not accept c. It reports whether a call with other credentials may be made next, and what is
// known of those; empty if there can be none.
func (k *Keyring) refuse(ctx context.Context, c *Credentials) (again bool, known string) {
	if k.provider == nil {
		return false, ""
	}
	again, known, finished := k.reconsider(c)
	if finished == nil {
		return again, known
	}
	if err := k.wait(ctx, finished); err != nil {
		return true, err.Error()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.failure != nil:
		return c.Temporary(), lookingFailed(k.failure)
	case k.holds(c):
		return false, othersNone
	}
	return true, othersHere
}

func lookingFailed(why error) string { return fmt.Sprintf("looking for others failed: %v", why) }

// reconsider asks for others than c. It returns what to wait for if that refresh decides.
func (k *Keyring) reconsider(c *Credentials) (again bool, known string, finished <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.holds(c) {
		return true, othersHere, nil
	}
	if !k.refused {
		k.refused = true
		k.row++
	}
	now := time.Now()
	asked := k.running || now.Sub(k.forced) >= leastPause
	if asked {
		k.forced = now
		k.ask()
	}
	switch {
	case c.Temporary() && k.row > 1:
		return false, othersToo, nil
	case asked:
		return false, "", k.finished
	case k.failure != nil:
		return c.Temporary(), lookingFailed(k.failure), nil
	}
	return c.Temporary(), othersEarly, nil
}
