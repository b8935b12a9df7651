package vodtest

import (
	"strings"
	"testing"
	"time"
)

func describeWith(t *testing.T, e *Emulator, k Key) (code string) {
	t.Helper()
	r := request(describeEventConfig, `{}`)
	if k.Token != "" {
		r.Header.Set("X-TC-Token", k.Token)
	}
	signAs(r, k.SecretID, k.SecretKey, []byte(`{}`), "content-type", "host")
	_, _, answer := ask(e, r)
	return answeredCode(t, answer)
}

func TestATemporaryKeyNeedsItsTokenUntilItEnds(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		permanent := Key{SecretID: DefaultSecretID, SecretKey: DefaultSecretKey}
		key, other := e.Issue(time.Hour), e.Issue(time.Hour)
		with := func(k Key, token string) Key { k.Token = token; return k }
		for _, test := range []struct {
			name string
			key  Key
			want string
		}{
			{"its token", key, ""},
			{"no token", with(key, ""), "AuthFailure.TokenFailure"},
			{"a wrong token", with(key, key.Token+"x"), "AuthFailure.TokenFailure"},
			{"another key's token", with(key, other.Token), "AuthFailure.TokenFailure"},
			{"a wrong key", Key{SecretID: key.SecretID, SecretKey: other.SecretKey, Token: key.Token}, "AuthFailure.SignatureFailure"},
			{"an unknown id", Key{SecretID: "AKIDnobody", SecretKey: key.SecretKey, Token: key.Token}, "AuthFailure.SecretIdNotFound"},
			{"the permanent key", permanent, ""},
			{"the permanent key with a token", with(permanent, key.Token), "AuthFailure.TokenFailure"},
			{"one that has ended", e.Issue(-time.Second), "AuthFailure.TokenFailure"},
			{"another permanent one", e.Issue(0), ""},
		} {
			if got := describeWith(t, e, test.key); got != test.want {
				t.Errorf("with %s: answered %q, want %q", test.name, got, test.want)
			}
		}
		time.Sleep(time.Hour - 1)
		if got := describeWith(t, e, key); got != "" {
			t.Errorf("just before its end: answered %q", got)
		}
		time.Sleep(time.Nanosecond)
		if got := describeWith(t, e, key); got != "AuthFailure.TokenFailure" {
			t.Errorf("at its end: answered %q", got)
		}
	})
}

func TestATemporaryKeyEndsByTheEmulatorsClock(t *testing.T) {
	e := New(Config{})
	key := e.Issue(2 * time.Minute)
	e.SetSkew(3 * time.Minute)
	if got := describeWith(t, e, key); got != "AuthFailure.TokenFailure" {
		t.Errorf("answered %q", got)
	}
}

func TestNoMoreTemporaryKeysAreKnownThanHaveRoom(t *testing.T) {
	e := New(Config{})
	first, other, ended := e.Issue(time.Hour), e.Issue(0), e.Issue(-time.Second)
	for range 10_000 - 2 {
		e.Issue(time.Hour)
	}
	if got := describeWith(t, e, ended); got != "AuthFailure.TokenFailure" {
		t.Errorf("with room for all, the one that has ended is answered %q", got)
	}
	e.Issue(time.Hour)
	if got := describeWith(t, e, ended); got != "AuthFailure.SecretIdNotFound" {
		t.Errorf("the one that has ended is answered %q", got)
	}
	if got := describeWith(t, e, first); got != "" {
		t.Errorf("the oldest is answered %q while it has room", got)
	}
	last := e.Issue(time.Hour)
	for name, test := range map[string]struct {
		key  Key
		want string
	}{
		"the oldest":            {first, "AuthFailure.SecretIdNotFound"},
		"the newest":            {last, ""},
		"another permanent one": {other, ""},
		"that of the Config":    {Key{SecretID: DefaultSecretID, SecretKey: DefaultSecretKey}, ""},
	} {
		if got := describeWith(t, e, test.key); got != test.want {
			t.Errorf("%s is answered %q, want %q", name, got, test.want)
		}
	}
}

func TestARevokedKeyIsNotKnownAnyMore(t *testing.T) {
	e := New(Config{})
	key := e.Issue(time.Hour)
	e.Revoke(key.SecretID)
	e.Revoke("AKIDnobody")
	if got := describeWith(t, e, key); got != "AuthFailure.SecretIdNotFound" {
		t.Errorf("the temporary key is answered %q", got)
	}
	permanent := Key{SecretID: DefaultSecretID, SecretKey: DefaultSecretKey}
	if got := describeWith(t, e, permanent); got != "" {
		t.Errorf("the permanent key is answered %q", got)
	}
	e.Revoke(DefaultSecretID)
	if got := describeWith(t, e, permanent); got != "AuthFailure.SecretIdNotFound" {
		t.Errorf("the permanent key, revoked, is answered %q", got)
	}
}

func TestARefusedKeyIsNotInTheAnswer(t *testing.T) {
	e := New(Config{})
	key := e.Issue(-time.Second)
	r := request(describeEventConfig, `{}`)
	r.Header.Set("X-TC-Token", key.Token)
	signAs(r, key.SecretID, key.SecretKey, []byte(`{}`), "content-type", "host")
	if _, _, answer := ask(e, r); strings.Contains(answer, key.Token) || strings.Contains(answer, key.SecretKey) {
		t.Errorf("answer is %s", answer)
	}
}

func TestATemporaryKeyBeginsByTheEmulatorsClock(t *testing.T) {
	e := New(Config{})
	e.SetSkew(3 * time.Minute)
	if got := describeWith(t, e, e.Issue(2*time.Minute)); got != "" {
		t.Errorf("answered %q", got)
	}
}

func TestAKeyThatOnlyAnAdvanceHasEndedIsGoodAfterAReset(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		key := e.Issue(time.Hour)
		advance(t, e, time.Hour)
		e.Reset()
		if got := describeWith(t, e, key); got != "" {
			t.Errorf("answered %q", got)
		}
	})
}
