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
	verdict, finished := k.seekOthers(c)
	if finished == nil {
		return verdict.again, verdict.known
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

// A verdict on refused credentials is what refuse returns.
type verdict struct {
	again bool
	known string
}

// seekOthers asks for others than c. It returns a verdict, or else what to wait for: the end of a refresh that decides.
func (k *Keyring) seekOthers(c *Credentials) (now verdict, finished <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.holds(c) {
		return verdict{true, othersHere}, nil
	}
	if !k.refused {
		k.refused = true
		k.row++
	}
	began := time.Now()
	asked := k.running || began.Sub(k.forced) >= leastPause
	if asked {
		k.forced = began
		k.ask()
	}
	switch {
	case c.Temporary() && k.row > 1:
		return verdict{false, othersToo}, nil
	case asked:
		return verdict{}, k.finished
	case k.failure != nil:
		return verdict{c.Temporary(), lookingFailed(k.failure)}, nil
	case k.row > 1:
		return verdict{false, othersToo}, nil
	}
	return verdict{c.Temporary(), othersEarly}, nil
}
