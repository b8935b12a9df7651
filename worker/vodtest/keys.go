package vodtest

import (
	"crypto/hmac"
	"fmt"
	"slices"
	"time"
)

const maxIssued = 10_000 // temporary keys that are known at a time

// A Key is what requests are signed with.
type Key struct {
	SecretID, SecretKey string

	// Token must be sent along with the requests that a temporary key signs. A permanent one has none.
	Token string

	// Ends is when a temporary key ends, by the emulator's clock: see [Config].Skew and [Emulator.Advance]. Zero: never.
	Ends time.Time
}

// Issue makes another key, which is good beside those that there are: a temporary one, as VOD gives to a role, that is
// good for so long, or a permanent one if ttl is 0. One with a negative ttl has ended. Of more than 10,000 temporary ones the
// oldest is forgotten, first of those that have ended.
func (e *Emulator) Issue(ttl time.Duration) Key {
	k, now := e.ids.key(), e.keyTime()
	if ttl == 0 {
		k.Token = ""
	} else {
		k.Ends = now.Add(ttl)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys[k.SecretID] = k
	if ttl != 0 {
		e.forgetKey(now)
		e.issued = append(e.issued, k.SecretID)
	}
	return k
}

// forgetKey makes room for another temporary key, if there is none. The lock must be held.
func (e *Emulator) forgetKey(now time.Time) {
	if len(e.issued) < maxIssued {
		return
	}
	over := slices.IndexFunc(e.issued, func(id string) bool { return !now.Before(e.keys[id].Ends) })
	oldest := max(over, 0)
	delete(e.keys, e.issued[oldest])
	e.issued = slices.Delete(e.issued, oldest, oldest+1)
}

// key makes a temporary key that does not end.
func (s *ids) key() Key {
	return Key{
		SecretID:  fmt.Sprintf("AKID%016x%016x", s.next(), s.next()),
		SecretKey: fmt.Sprintf("%016x%016x", s.next(), s.next()),
		Token:     fmt.Sprintf("%016x%016x%016x", s.next(), s.next(), s.next()),
	}
}

// Revoke ends a key at once: its SecretId is not known any more. That of [Config] can be revoked too.
func (e *Emulator) Revoke(secretID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.keys, secretID)
}

// secretKey returns the key that the owner of secretID signs with, if token lets them use it now.
func (e *Emulator) secretKey(secretID, token string, now time.Time) (string, error) {
	e.mu.Lock()
	k, known := e.keys[secretID]
	e.mu.Unlock()
	switch {
	case !known:
		return "", &APIError{"AuthFailure.SecretIdNotFound", "there is no such SecretId"}
	case k.Token == "" && token != "":
		return "", &APIError{"AuthFailure.TokenFailure", "this SecretId is permanent: it has no token"}
	case token == "" && k.Token != "":
		return "", &APIError{"AuthFailure.TokenFailure", "this SecretId is temporary: its token must be sent along"}
	case !hmac.Equal([]byte(token), []byte(k.Token)):
		return "", &APIError{"AuthFailure.TokenFailure", "the token is not that of this SecretId"}
	case !k.Ends.IsZero() && !now.Before(k.Ends):
		return "", &APIError{"AuthFailure.TokenFailure", "the token has expired"}
	}
	return k.SecretKey, nil
}
