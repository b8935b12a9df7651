package tencent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestCredentialsAreFoundInThisOrder(t *testing.T) {
	inPod(t, time.Hour, func(t *testing.T, c *cloud, _ string) {
		from := func() string {
			t.Helper()
			keys, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Transport: c})
			if err != nil {
				t.Fatal(err)
			}
			defer keys.Close()
			got, _ := credentials(t, keys)
			if got.Temporary() && (got.KeyFrom != got.IDFrom || got.TokenFrom != got.IDFrom) {
				t.Errorf("a role's credentials are from %s, %s and %s", got.IDFrom, got.KeyFrom, got.TokenFrom)
			}
			return got.IDFrom
		}
		want := func(got, want string) {
			t.Helper()
			if !strings.Contains(got, want) {
				t.Errorf("found in %s, want %s", got, want)
			}
		}
		arn, identity := os.Getenv("TKE_ROLE_ARN"), os.Getenv("TKE_WEB_IDENTITY_TOKEN_FILE")
		os.Unsetenv("TKE_ROLE_ARN")
		os.Unsetenv("TKE_WEB_IDENTITY_TOKEN_FILE")
		want(from(), "the CVM role "+cvmRole)
		os.Setenv("TKE_ROLE_ARN", arn)
		os.Setenv("TKE_WEB_IDENTITY_TOKEN_FILE", identity)
		want(from(), "the TKE role "+tkeRole)
		writeProfile(t, vodtest.Key{SecretID: "AKID", SecretKey: "k"})
		want(from(), "secret_id in the profile file "+os.Getenv("HOME"))
		named := filepath.Join(t.TempDir(), "named")
		write(t, named, "[other]\nsecret_id=x\nsecret_key=y\n[default]\nsecret_id=AKID\nsecret_key=k\n")
		os.Setenv(tencent.EnvProfile, named)
		want(from(), "secret_id in the profile file "+named)
		os.Setenv(tencent.EnvSecretID, "AKID")
		os.Setenv(tencent.EnvSecretKey, "k")
		want(from(), tencent.EnvSecretID)
	})
}

func TestNoCredentialsSaysWhatWasTried(t *testing.T) {
	inCloud(t, time.Hour, func(t *testing.T, _ *cloud) {
		_, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Elsewhere: "a key in the configuration", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("lookup %s: no such host", r.URL.Host)
		})})
		want := []string{
			"no credentials: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or a key in the configuration (",
			"no profile file " + os.Getenv("HOME") + "/.tencentcloud/credentials; ", "no TKE role: TKE_ROLE_ARN is not set; ",
			"no CVM role: ", "lookup metadata.tencentyun.com: no such host)",
		}
		for _, part := range want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%v, want %s", err, part)
			}
		}
	})
}

// Services run with homes that are no folders, or none at all.
func TestAHomeThatIsNoFolderHasNoProfile(t *testing.T) {
	for _, home := range []string{"/dev/null", "/no/such", ""} {
		inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
			os.Setenv("HOME", home)
			if got, _ := credentials(t, c.keyring(tencent.KeyringOptions{})); got.IDFrom != "the CVM role "+cvmRole {
				t.Errorf("with the home %q: %v", home, got)
			}
		})
	}
}

// What somebody has begun to set up is not passed over.
func TestHalfOfAPlaceIsAnError(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "profile")
	write(t, profile, "[default]\nsecret_id = AKID\nsecret_kay = hunter2\n")
	other := filepath.Join(t.TempDir(), "profile")
	write(t, other, "[other]\nsecret_id = AKID\nsecret_key = hunter2\n")
	tests := []struct{ name, value, want string }{
		{tencent.EnvSecretID, "AKID", "TENCENTCLOUD_SECRET_ID is set, but TENCENTCLOUD_SECRET_KEY is not"},
		{tencent.EnvSecretKey, "hunter2", "TENCENTCLOUD_SECRET_KEY is set, but TENCENTCLOUD_SECRET_ID is not"},
		{tencent.EnvSecretKey, "", "are set, but empty"},
		{tencent.EnvToken, "hunter2", "TENCENTCLOUD_TOKEN is set, but TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not: set them too"},
		{"TENCENTCLOUD_SECURITY_TOKEN", "hunter2", "TENCENTCLOUD_SECURITY_TOKEN is set, but TENCENTCLOUD_SECRET_ID"},
		{tencent.EnvProfile, profile, "profile file " + profile + ":1: this section lacks secret_key: write secret_key = … in it"},
		{tencent.EnvProfile, other, "profile file " + other + " needs a section [default] with secret_id = … and secret_key = …"},
		{tencent.EnvProfile, "/no/such", "profile file /no/such: no such file or directory"},
		{tencent.EnvProfile, `"` + profile + `"`, "TENCENTCLOUD_CREDENTIALS_FILE has quotes or white space around its value"},
		{tencent.EnvProfile, profile + "\r", "TENCENTCLOUD_CREDENTIALS_FILE has quotes or white space around its value"},
		{tencent.EnvProfile, "", "TENCENTCLOUD_CREDENTIALS_FILE is set, but empty: name a profile file, or unset it"},
		{"TKE_ROLE_ARN", tkeRole, "the role of this TKE pod also needs TKE_REGION, TKE_PROVIDER_ID, TKE_WEB_IDENTITY_TOKEN_FILE, which the cluster sets"},
	}
	for _, test := range tests {
		inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
			os.Setenv(test.name, test.value)
			_, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				return inProcess(page(404, ""), r)
			})})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s=%s: %v, want %s", test.name, test.value, err, test.want)
			}
		})
	}
}

func TestNoSecretOfARoleIsShown(t *testing.T) {
	inPod(t, 20*time.Second, func(t *testing.T, c *cloud, _ string) {
		keys := c.keyring(tencent.KeyringOptions{})
		source := c.source(tencent.Options{Keyring: keys})
		var shown strings.Builder
		for range 60 {
			_, err := source.Pull(t.Context())
			fmt.Fprintln(&shown, err)
			got, err := keys.Credentials(t.Context())
			text, _ := json.Marshal(got)
			fmt.Fprintf(&shown, "%v %+v %#v %s %s %v %+v\n", got, got, got, got, text, &got, err)
			key, asked, _ := c.handed()
			switch len(asked) {
			case 2:
				c.Revoke(key.SecretID)
			case 3: // STS repeats the token that it was given
				c.mu.Lock()
				c.web = "another"
				c.mu.Unlock()
			case 8: // and is cut off in the middle of a key
				c.with(page(200, fmt.Sprintf(`{"Response":{"Credentials":{"Token":%q,"TmpSecretId":"AKID","TmpSecretKey":%q`, key.Token, key.SecretKey)))
			}
			time.Sleep(time.Second)
		}
		shown.WriteString(c.log.String())
		for _, said := range []string{"there are new credentials", "WebIdentityTokenError: … is no good", "without credentials", "failed, trying again"} {
			if !strings.Contains(shown.String(), said) {
				t.Errorf("nothing says %q:\n%s", said, &shown)
			}
		}
		secrets := []string{webID}
		for _, key := range c.keys {
			secrets = append(secrets, key.SecretKey, key.Token)
		}
		for _, secret := range secrets {
			if strings.Contains(shown.String(), secret) {
				t.Errorf("%s is shown:\n%s", secret, &shown)
			}
		}
	})
}
