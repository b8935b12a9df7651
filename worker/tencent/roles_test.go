package tencent_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
)

// A roundTrip carries a request as the function does.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func page(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://elsewhere.example.com/")
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// What answers, or does not, where a CVM has its metadata service.
func TestWhatIsNoMetadataServiceIsFoundOutWithinTwoSeconds(t *testing.T) {
	tests := map[string]struct {
		answer http.HandlerFunc
		took   time.Duration
	}{
		"no CVM role: no answer for 2s":                                       {hang, 2 * time.Second},
		"no CVM role: none is bound to this machine":                          {page(404, "404"), 0},
		"no CVM role: the metadata service answers with status 500":           {page(500, ""), 0},
		"no CVM role: the metadata service answers with status 302":           {page(302, ""), 0},
		"no CVM role: what answers at metadata.tencentyun.com names no role":  {page(200, "<html>log in to this network</html>"), 0},
		"no CVM role: what answers at metadata.tencentyun.com names no role)": {page(200, ""), 0},
	}
	for want, test := range tests {
		inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
			_, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host != "metadata.tencentyun.com" {
					t.Errorf("a request to %s", r.URL)
				}
				return inProcess(test.answer, r)
			})})
			if err == nil || !strings.Contains(err.Error(), want) || time.Since(c.begin) != test.took {
				t.Errorf("%v after %v, want %q after %v", err, time.Since(c.begin), want, test.took)
			}
		})
	}
}

func TestTheMetadataServiceIsNotAskedThroughAProxy(t *testing.T) {
	if standard := http.DefaultTransport.(*http.Transport); standard.Proxy == nil {
		t.Error("net/http uses no proxy either")
	}
	if tencent.Direct().Proxy != nil {
		t.Error("a proxy may be used")
	}
}

func TestWhatTheMetadataServiceAnswersInsteadOfCredentials(t *testing.T) {
	const no = "the CVM role vodworker-role: the metadata service answers "
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"nothing":        {page(200, ""), no + "without credentials"},
		"half an answer": {page(200, `{"TmpSecretId":"AKID","TmpSecretKey":"hunter2","Tok`), no + "without credentials"},
		"no token":       {page(200, `{"TmpSecretId":"AKID","TmpSecretKey":"hunter2","ExpiredTime":9e9,"Code":"Success"}`), no + "without credentials"},
		"no end":         {page(200, `{"TmpSecretId":"AKID","TmpSecretKey":"hunter2","Token":"hunter2","Code":"Success"}`), no + "without credentials"},
		"a failure":      {page(200, `{"Code":"Failed\n"}`), no + "Failed"},
		"not found":      {page(404, "hunter2"), "the CVM role vodworker-role: none is bound to this machine"},
		"a bad gateway":  {page(502, "<html>"), no + "with status 502"},
		"packed":         {with("Content-Encoding", "deflate", "{}"), "the answer is compressed"},
		"a lost answer":  {page(lost, ""), "unexpected EOF"},
		"no answer":      {hang, "context deadline exceeded"},
		"a line end": {page(200, `{"TmpSecretId":"AKID","TmpSecretKey":"hunter2\n","Token":"hunter2","ExpiredTime":9000000000,"Code":"Success"}`),
			"the CVM role vodworker-role holds a line end"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inCloud(t, time.Hour, func(t *testing.T, c *cloud) {
				c.with(test.answer)
				_, err := c.keyring(tencent.KeyringOptions{}).Credentials(t.Context())
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%v, want %s", err, test.want)
				}
			})
		})
	}
}

const credentialsOfSTS = `{"Response":{"Credentials":{"Token":"hunter2","TmpSecretId":"AKID","TmpSecretKey":"hunter2"},` +
	`"ExpiredTime":9000000000,"RequestId":"r"}}`

func TestWhatSTSAnswersInsteadOfCredentials(t *testing.T) {
	const no = "the TKE role " + tkeRole + ": "
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"nothing":        {page(200, ""), no + "STS answers with status 200 and without credentials"},
		"half an answer": {page(200, `{"Response":{"Credentials":{"Token":"hunter2","TmpSecretId":"AKID","TmpSecretKey":"hun`), no + "STS answers with status 200 and without"},
		"no end":         {page(200, `{"Response":{"Credentials":{"Token":"hunter2","TmpSecretId":"AKID","TmpSecretKey":"hunter2"}}}`), "without credentials"},
		"an error": {page(200, `{"Response":{"Error":{"Code":"ResourceNotFound.RoleNotFound","Message":"no\nrole for `+webID+`"},"RequestId":"req-1"}}`),
			no + "STS answers ResourceNotFound.RoleNotFound: no role for …"},
		"a bad gateway":                 {page(502, "<html>"), no + "STS answers with status 502"},
		"a redirect":                    {page(307, ""), no + "STS answers with status 307"}, // which would carry the token elsewhere
		"credentials beside a redirect": {page(302, credentialsOfSTS), no + "STS answers with status 302 and without credentials, a redirect, which"},
		"credentials that are packed":   {with("Content-Encoding", "gzip", credentialsOfSTS), "ask STS: the answer is compressed"},
		"a lost answer":                 {page(lost, ""), "unexpected EOF"},
		"no answer":                     {hang, "context deadline exceeded"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inPod(t, time.Hour, func(t *testing.T, c *cloud, _ string) {
				c.with(test.answer)
				_, err := c.keyring(tencent.KeyringOptions{}).Credentials(t.Context())
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%v, want %s", err, test.want)
				}
			})
		})
	}
}

func TestTheWebIdentityTokenIsReadAtEachRefresh(t *testing.T) {
	inPod(t, time.Hour, func(t *testing.T, c *cloud, token string) {
		keys := c.keyring(tencent.KeyringOptions{})
		old, _ := credentials(t, keys)
		write(t, token, "another-token")
		c.mu.Lock()
		c.web = "another-token"
		c.mu.Unlock()
		time.Sleep(51 * time.Minute)
		if got, _ := credentials(t, keys); got.SecretID == old.SecretID || c.log.String() != "" && strings.Contains(c.log.String(), "failed") {
			t.Errorf("it was not refreshed:\n%s", c.log)
		}
	})
	for name, spoil := range map[string]func(string) error{
		"is empty": func(path string) error { return os.WriteFile(path, []byte("\n"), 0o600) },
		"open ":    os.Remove,
	} {
		inPod(t, time.Hour, func(t *testing.T, c *cloud, token string) {
			if err := spoil(token); err != nil {
				t.Fatal(err)
			}
			_, err := c.keyring(tencent.KeyringOptions{}).Credentials(t.Context())
			if err == nil || !strings.Contains(err.Error(), "read the web identity token: ") || !strings.Contains(err.Error(), name) {
				t.Errorf("%v, want %s", err, name)
			}
		})
	}
}

func TestSTSIsThatOfTheSameSite(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                                     "https://sts.tencentcloudapi.com/",
		"https://vod.tencentcloudapi.com":      "https://sts.tencentcloudapi.com/",
		"https://vod.intl.tencentcloudapi.com": "https://sts.intl.tencentcloudapi.com/",
		"http://127.0.0.1:9266":                "https://sts.tencentcloudapi.com/",
		"https://vod.example.com":              "https://sts.tencentcloudapi.com/",
		"https://vod.eviltencentcloudapi.com":  "https://sts.tencentcloudapi.com/",
	} {
		inPod(t, time.Hour, func(t *testing.T, c *cloud, _ string) {
			var got string
			keys, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Endpoint: endpoint, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host != "metadata.tencentyun.com" {
					got = r.URL.String()
				}
				return c.RoundTrip(r)
			})})
			if err != nil {
				t.Fatal(err)
			}
			defer keys.Close()
			credentials(t, keys)
			if got != want {
				t.Errorf("beside %s: %s, want %s", endpoint, got, want)
			}
		})
	}
}
