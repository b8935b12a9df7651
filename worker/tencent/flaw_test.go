package tencent_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// What an editor, a shell or docker has added to a key would only be found by a refusal, which says that the key is wrong.
func TestWhatIsWrongWithAKeyIsSaidBeforeAnyCall(t *testing.T) {
	places := map[string]func(t *testing.T, key string) tencent.KeyringOptions{
		tencent.EnvSecretKey + " ": func(_ *testing.T, key string) tencent.KeyringOptions {
			os.Setenv(tencent.EnvSecretID, "AKID1")
			os.Setenv(tencent.EnvSecretKey, key)
			return tencent.KeyringOptions{}
		},
		"vod.credentials.secret_key_file key.txt ": func(_ *testing.T, key string) tencent.KeyringOptions {
			return tencent.KeyringOptions{Provider: func(context.Context) (tencent.Credentials, error) {
				return tencent.Credentials{SecretID: "AKID1", SecretKey: key, KeyFrom: "vod.credentials.secret_key_file key.txt"}, nil
			}}
		},
		"secret_key in the profile file ": func(t *testing.T, key string) tencent.KeyringOptions {
			writeProfile(t, vodtest.Key{SecretID: "AKID1", SecretKey: key})
			return tencent.KeyringOptions{}
		},
	}
	tests := map[string]string{
		"TENCENTCLOUD_SECRET_KEY=hunter2": "holds more than the secret, such as its name: leave only the secret",
		"secret_key = hunter2":            "holds more than the secret",
		`{"SecretKey": "hunter2"}`:        "holds more than the secret",
		`"hunter2"`:                       "holds quotes, which are part of the value here, as in docker's --env-file: take them out",
		`'hunter2'`:                       "holds quotes",
		"“hunter2”":                       "holds quotes",
		"hunter2 hunter2":                 "holds white space: take it out",
		"hunter2\u00a0x":                  "holds white space: take it out",
		"hunter2\rhunter2":                "holds a line end: take it out",
		"\ufeffhunter2":                   "holds a byte order mark, which some editors put in front: save it without",
		"hunter2ｈunter2":                  "holds full-width characters: write them in half width",
		"hunter2\u3000hunter":             "holds full-width characters: write them in half width",
		"hunter2密钥":                       "holds characters that no key has: copy it again",
	}
	for key, want := range tests {
		for from, place := range places {
			inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
				os.Setenv("HOME", t.TempDir())
				_, err := tencent.NewKeyring(t.Context(), place(t, key))
				if err == nil || !strings.HasPrefix(err.Error(), from) || !strings.Contains(err.Error(), want) ||
					strings.Contains(err.Error(), "hunter") {
					t.Errorf("%q in %s: %v, want %s", key, from, err, want)
				}
			})
		}
	}
}

func TestWhatIsWrongWithAProfileFileIsSaidWithItsLine(t *testing.T) {
	const key = "secret_key = hunter2\n"
	for text, want := range map[string]string{
		"# mine\n[Default]\nsecret_id = AKID1\n" + key:                     ":2: write [default], in small letters",
		"[default]\nsecret_id: AKID1\n" + key:                              ":2: write secret_id = …, with = instead of :",
		"[default]\nsecret_id = AKID1\nsecretKey = hunter2":                ":3: write secret_key = …, in small letters and with _",
		"[default]\nTENCENTCLOUD_SECRET_ID=AKID1\n" + key:                  ":2: write secret_id = …",
		"[default]\nsecret_id =\n" + key:                                   ":2: secret_id is empty",
		"\n[default]\nsecret_id = AKID1\n":                                 ":2: this section lacks secret_key: write secret_key = … in it",
		"secret_id = AKID1\n" + key:                                        ":1: write [default] in a line in front",
		"[other]\nsecret_id = AKID1\n" + key:                               " needs a section [default] with secret_id = … and secret_key = …",
		`{"secret_id": "AKID1", "secret_key": "hunter2"}`:                  " needs a section [default] with secret_id = … and secret_key = …, and is JSON",
		"\xff\xfe[\x00d\x00e\x00f\x00a\x00u\x00l\x00t\x00]\x00":            " is no UTF-8 text, but UTF-16 perhaps: save it as UTF-8",
		"[default]\nsecret_id = AKID1\n" + key + "securityToken = hunter2": ":4: write token = …, in small letters",
		"[default]\nsecret_id = AKID1\n" + key + "token: hunter2":          ":4: write token = …, with = instead of :",
		"token = hunter2\n[default]\nsecret_id = AKID1\n" + key:            ":1: write [default] in a line in front",
		"": " needs a section [default]",
	} {
		inCloud(t, time.Hour, func(t *testing.T, _ *cloud) {
			path := filepath.Join(t.TempDir(), "profile")
			write(t, path, text)
			os.Setenv(tencent.EnvProfile, path)
			_, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{})
			if err == nil || !strings.HasPrefix(err.Error(), "profile file "+path+want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
		})
	}
}

func TestAByteOrderMarkInFrontOfAProfileFileIsSkipped(t *testing.T) {
	for name, text := range map[string]string{
		"one":                  "\ufeff[default]\nsecret_id = AKID1\nsecret_key = k\n",
		"from Windows":         "\ufeff[default]\r\nsecret_id=AKID1\r\nsecret_key=k\r\n",
		"a comment, no spaces": "\ufeff# mine\n; yours\n[default]\nsecret_id=AKID1\nsecret_key=k",
		"an empty token":       "\ufeff[default]\nsecret_id=AKID1\nsecret_key=k\ntoken =\n",
		"a wrong section too":  "[Default]\nsecret_id=AKID2\ntoken: t\n[default]\nsecret_id=AKID1\nsecret_key=k\n",
		"two sections": "[default]\nsecret_id=AKID2\nsecret_key=l\n[other]\nsecret_id=AKID3\nsecret_key=m\n" +
			"[default]\nsecret_id=AKID1\nsecret_key=k\n",
	} {
		inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
			path := filepath.Join(t.TempDir(), "profile")
			write(t, path, text)
			os.Setenv(tencent.EnvProfile, path)
			if got, _ := credentials(t, c.keyring(tencent.KeyringOptions{})); got.SecretID != "AKID1" || got.SecretKey != "k" {
				t.Errorf("%s: %s", name, got.SecretID)
			}
		})
	}
}

func TestAnIDThatWasGivenAsTheKeyIsNamedWhenVODRefusesIt(t *testing.T) {
	source := newSource(t, tencent.Options{
		Endpoint: answering(t, body( // it repeats what it takes for the id
			`{"Response":{"Error":{"Code":"AuthFailure.SecretIdNotFound","Message":"no id hunter2hunter2"},"RequestId":"r"}}`)),
		Credentials: &tencent.Credentials{SecretID: "hunter2hunter2", IDFrom: "MY_ID", SecretKey: "AKIDhunter2", KeyFrom: "MY_KEY"},
	})
	_, err := source.Pull(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no id … (the secret id and the secret key look swapped, since only ids begin "+
		"with AKID: look at MY_ID and MY_KEY)") {
		t.Errorf("Pull: %v", err)
	}
}
