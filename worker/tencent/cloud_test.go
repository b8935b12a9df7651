package tencent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

const (
	cvmRole = "vodworker-role"
	tkeRole = "qcs::cam::uin/100000000001:roleName/vodworker"
	webID   = "web-identity-hunter2" // the token of the pod
)

// A cloud is an account: an emulator of VOD, and the metadata service and STS, which hand out keys of it. It can run in a
// bubble.
type cloud struct {
	*vodtest.Emulator
	t   *testing.T
	log *syncBuffer

	mu     sync.Mutex
	ttl    time.Duration
	key    vodtest.Key      // that the metadata service hands out until half of its time is over
	keys   []vodtest.Key    // all that were handed out
	asked  []time.Duration  // when keys were asked for, since the beginning
	fault  http.HandlerFunc // instead of what asks for a key
	failed int              // calls that VOD did not let through
	begin  time.Time
	web    string // the web identity token that STS takes
}

// A syncBuffer is a log that can be read at any time.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// inCloud runs a test in a bubble, with keys that are good for ttl. No credentials are set.
func inCloud(t *testing.T, ttl time.Duration, test func(t *testing.T, c *cloud)) {
	t.Helper()
	bare(t)
	inBubble(t, ttl, test)
}

func inBubble(t *testing.T, ttl time.Duration, test func(t *testing.T, c *cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{t: t, log: &syncBuffer{}, ttl: ttl, begin: time.Now(), web: webID}
		c.Emulator = vodtest.New(vodtest.Config{Observe: func(call vodtest.Call) {
			if api, ok := call.Err.(*vodtest.APIError); ok && strings.HasPrefix(api.Code, "AuthFailure") {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.failed++
			}
		}})
		test(t, c)
	})
}

// inPod is inCloud for a pod with a role; token is the path of its web identity token.
func inPod(t *testing.T, ttl time.Duration, test func(t *testing.T, c *cloud, token string)) {
	t.Helper()
	bare(t)
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, webID+"\n")
	for name, value := range map[string]string{
		"TKE_REGION": "ap-shanghai", "TKE_PROVIDER_ID": "cls-1", "TKE_ROLE_ARN": tkeRole, "TKE_WEB_IDENTITY_TOKEN_FILE": token,
	} {
		t.Setenv(name, value)
	}
	inBubble(t, ttl, func(t *testing.T, c *cloud) { test(t, c, token) })
}

// bare takes all credentials away.
func bare(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		tencent.EnvSecretID, tencent.EnvSecretKey, tencent.EnvToken, "TENCENTCLOUD_SECURITY_TOKEN", tencent.EnvProfile,
		"TKE_REGION", "TKE_PROVIDER_ID", "TKE_ROLE_ARN", "TKE_WEB_IDENTITY_TOKEN_FILE",
	} {
		t.Setenv(name, "") // so that it is restored
		os.Unsetenv(name)
	}
	t.Setenv("HOME", t.TempDir())
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// with makes f answer instead of what asks for keys; nil is the end of that.
func (c *cloud) with(f http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = f
}

// RoundTrip carries a call to the metadata service or to STS, in process.
func (c *cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := c.metadata
	switch {
	case r.URL.Host == "metadata.tencentyun.com":
	case strings.HasPrefix(r.URL.Host, "sts."):
		handler = c.sts
	default:
		return nil, fmt.Errorf("lookup %s: no such host", r.URL.Host)
	}
	return inProcess(handler, r)
}

func inProcess(handler http.HandlerFunc, r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	handler(answer, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if answer.Code == lost {
		return nil, io.ErrUnexpectedEOF
	}
	return answer.Result(), nil
}

// lost is the status of an answer that does not arrive.
const lost = 999

func (c *cloud) metadata(w http.ResponseWriter, r *http.Request) {
	const path = "/latest/meta-data/cam/security-credentials/"
	c.mu.Lock()
	fault, key := c.fault, c.key
	c.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET " + path:
		fmt.Fprint(w, cvmRole) // the node's, in a pod
	case "GET " + path + cvmRole:
		c.note()
		if fault != nil {
			fault(w, r)
			return
		}
		if time.Until(key.Ends) < c.ttl/2 {
			key = c.issue()
		}
		fmt.Fprintf(w, `{"TmpSecretId":%q,"TmpSecretKey":%q,"Token":%q,"ExpiredTime":%d,"Expiration":%q,"Code":"Success"}`,
			key.SecretID, key.SecretKey, key.Token, key.Ends.Unix(), key.Ends.UTC().Format(time.RFC3339))
	default:
		c.t.Errorf("unexpected request %s %s", r.Method, r.URL)
	}
}

func (c *cloud) sts(w http.ResponseWriter, r *http.Request) {
	c.note()
	c.mu.Lock()
	fault, token := c.fault, c.web
	c.mu.Unlock()
	if fault != nil {
		fault(w, r)
		return
	}
	var got struct {
		ProviderId, WebIdentityToken, RoleArn, RoleSessionName string
		DurationSeconds                                        int
	}
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &got); err != nil {
		c.t.Errorf("STS: %v", err)
	}
	for name, want := range map[string]string{
		"X-TC-Action": "AssumeRoleWithWebIdentity", "X-TC-Version": "2018-08-13", "X-TC-Region": "ap-shanghai",
		"Authorization": "SKIP", "Content-Type": "application/json", "X-TC-Timestamp": strconv.FormatInt(time.Now().Unix(), 10),
	} {
		if r.Header.Get(name) != want {
			c.t.Errorf("STS: %s is %q, want %q", name, r.Header.Get(name), want)
		}
	}
	if r.Method != http.MethodPost || r.URL.Path != "/" || got.ProviderId != "cls-1" || got.RoleArn != tkeRole ||
		got.RoleSessionName == "" || got.DurationSeconds != 7200 {
		c.t.Errorf("STS: unexpected request %s %s %s", r.Method, r.URL, body)
	}
	if got.WebIdentityToken != token {
		fmt.Fprintf(w, `{"Response":{"Error":{"Code":"InvalidParameter.WebIdentityTokenError","Message":"%s is no good"},"RequestId":"req-1"}}`,
			got.WebIdentityToken)
		return
	}
	key := c.issue()
	fmt.Fprintf(w, `{"Response":{"ExpiredTime":%d,"Expiration":%q,"Credentials":{"Token":%q,"TmpSecretId":%q,"TmpSecretKey":%q},"RequestId":"req-2"}}`,
		key.Ends.Unix(), key.Ends.UTC().Format(time.RFC3339), key.Token, key.SecretID, key.SecretKey)
}

func (c *cloud) issue() vodtest.Key {
	key := c.Issue(c.ttl)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.key = key
	c.keys = append(c.keys, key)
	return key
}

func (c *cloud) note() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, time.Since(c.begin))
}

// handed returns the last key that was handed out, when keys were asked for, and how many calls were not let through.
func (c *cloud) handed() (key vodtest.Key, asked []time.Duration, failed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) > 0 {
		key = c.keys[len(c.keys)-1]
	}
	return key, append([]time.Duration(nil), c.asked...), c.failed
}

// keyring finds the credentials of this cloud.
func (c *cloud) keyring(opts tencent.KeyringOptions) *tencent.Keyring {
	c.t.Helper()
	opts.Log = zerolog.New(c.log)
	opts.Transport = c
	keys, err := tencent.NewKeyring(c.t.Context(), opts)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { keys.Close() })
	return keys
}

// source is VOD over connections in memory.
func (c *cloud) source(opts tencent.Options) *tencent.Source {
	c.t.Helper()
	opts.Endpoint = "http://vod.example.com"
	source, err := tencent.New(opts)
	if err != nil {
		c.t.Fatal(err)
	}
	tencent.DialWith(source, pipe.Serve(c.t, c.Emulator).DialContext)
	c.t.Cleanup(func() { source.Close() })
	return source
}
