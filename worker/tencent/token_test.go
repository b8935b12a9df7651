package tencent_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// tokenPlaces are those where a person puts a temporary key, by what errors call the place of its token.
var tokenPlaces = map[string]func(t *testing.T, c *cloud, key vodtest.Key) tencent.Options{
	"TENCENTCLOUD_TOKEN": func(_ *testing.T, _ *cloud, key vodtest.Key) tencent.Options {
		setKey(key)
		os.Setenv(tencent.EnvToken, key.Token)
		return tencent.Options{}
	},
	"token in the profile file ": func(t *testing.T, _ *cloud, key vodtest.Key) tencent.Options {
		writeProfile(t, key)
		return tencent.Options{}
	},
	"MY_TOKEN": func(_ *testing.T, c *cloud, key vodtest.Key) tencent.Options {
		return tencent.Options{Keyring: c.keyring(tencent.KeyringOptions{Provider: func(context.Context) (tencent.Credentials, error) {
			return tencent.Credentials{SecretID: key.SecretID, SecretKey: key.SecretKey, Token: key.Token, TokenFrom: "MY_TOKEN"}, nil
		}})}
	},
}

func setKey(key vodtest.Key) {
	os.Setenv(tencent.EnvSecretID, key.SecretID)
	os.Setenv(tencent.EnvSecretKey, key.SecretKey)
}

func TestATemporaryKeyWorksWithItsTokenOnlyAndARefusalNamesThePlaceForIt(t *testing.T) {
	const missing = "this is a temporary key, and its token is missing: give it as "
	const wrong = "this temporary key has ended, or has another token; a permanent key has none: look at "
	tests := map[string]struct {
		change func(c *cloud, key *vodtest.Key)
		want   string // empty: the call succeeds
	}{
		"with its token":               {func(*cloud, *vodtest.Key) {}, ""},
		"without":                      {func(_ *cloud, key *vodtest.Key) { key.Token = "" }, missing},
		"with another's":               {func(c *cloud, key *vodtest.Key) { key.Token = c.Issue(time.Hour).Token }, wrong},
		"ended":                        {func(c *cloud, key *vodtest.Key) { *key = c.Issue(-time.Second) }, wrong},
		"a permanent key with a token": {func(c *cloud, key *vodtest.Key) { token := key.Token; *key = c.Issue(0); key.Token = token }, wrong},
	}
	for name, test := range tests {
		for from, place := range tokenPlaces {
			inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
				os.Setenv("HOME", t.TempDir())
				key := c.Issue(time.Hour)
				test.change(c, &key)
				_, err := c.source(place(t, c, key)).Pull(t.Context())
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want+from) {
					t.Errorf("%s, %s: %v, want %s", from, name, err, test.want)
				}
				if err != nil && key.Token != "" && strings.Contains(err.Error(), key.Token) {
					t.Errorf("%s, %s: the error holds the token: %v", from, name, err)
				}
			})
		}
	}
}

func TestAKeyThatIsAsLongAsATemporaryOneMayLackItsToken(t *testing.T) {
	permanent := "AKID" + strings.Repeat("x", 32)
	const advice = "look at MY_ID; it is as long as that of a temporary key, whose token is missing: give it as the token of MY_ID"
	for _, code := range []string{"SecretIdNotFound", "InvalidSecretId"} {
		for id, want := range map[string]bool{permanent: false, permanent + "-longer": true} {
			source := newSource(t, tencent.Options{
				Endpoint:    answering(t, body(`{"Response":{"Error":{"Code":"AuthFailure.`+code+`","Message":"no"},"RequestId":"r"}}`)),
				Credentials: &tencent.Credentials{SecretID: id, IDFrom: "MY_ID", SecretKey: "secret"},
			})
			_, err := source.Pull(t.Context())
			if err == nil || strings.Contains(err.Error(), advice) != want {
				t.Errorf("%s of %s: %v", code, id, err)
			}
		}
	}
}

func TestTheOtherNameOfTheTokenIsTakenAndAContradictionIsNot(t *testing.T) {
	const other = "TENCENTCLOUD_SECURITY_TOKEN"
	inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
		key := c.Issue(time.Hour)
		setKey(key)
		os.Setenv(other, key.Token)
		for _, token := range []string{"", key.Token} {
			os.Setenv(tencent.EnvToken, token)
			if _, err := c.source(tencent.Options{}).Pull(t.Context()); err != nil {
				t.Errorf("with %s and %s=%q: %v", other, tencent.EnvToken, token, err)
			}
		}
		os.Setenv(tencent.EnvToken, "hunter2")
		_, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), "TENCENTCLOUD_TOKEN and TENCENTCLOUD_SECURITY_TOKEN are both set, and differ: ") ||
			strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), key.Token) {
			t.Errorf("two that differ: %v", err)
		}
		os.Setenv(other, "")
		os.Setenv(tencent.EnvToken, `"hunter2"`)
		_, err = tencent.NewKeyring(t.Context(), tencent.KeyringOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), "TENCENTCLOUD_TOKEN holds quotes") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("one with quotes: %v", err)
		}
	})
}
