package storage

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// epoch is when the storages of the tests are new.
var epoch = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

const (
	host     = "vod7-1250000000.cos.ap-guangzhou.myqcloud.com"
	mediaKey = "vod/7/1/f0.mp4"
	coverKey = "vod/7/1/cover.png"
)

var key = Grant{
	SecretID: "AKIDtest", SecretKey: "the-key-itself", Token: "the-token-itself",
	Bucket: "vod7-1250000000", Region: "ap-guangzhou", Keys: []string{mediaKey, coverKey}, Ends: epoch.Add(time.Hour),
}

// A rig is a storage with a clock and one grant.
type rig struct {
	*Storage
	t   testing.TB
	now time.Time
	key Grant // that signs
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, now: epoch, key: key}
	var ids atomic.Int64
	clock := func() time.Time { return r.now }
	r.Storage = New(Config{Now: clock, Clock: clock, NewID: func() string { return fmt.Sprint("id", ids.Add(1)) }})
	r.Grant(key)
	return r
}

func unsigned(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, "http://"+host+"/"+target, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	}
	return r
}

// sign signs a request as the SDKs do, in the header.
func (r *rig) sign(q *http.Request) *http.Request {
	q.Header.Set("X-Cos-Security-Token", r.key.Token)
	q.Header.Set("Authorization", signed(q, r.key, r.now, "&"))
	return q
}

// signed writes a signature, as the documentation of the storage has it, of all parameters, the host and some headers.
func signed(q *http.Request, key Grant, now time.Time, between string) string {
	sorted := func(all map[string]string) (names, text string) {
		var pairs []string
		keys := slices.Sorted(maps.Keys(all))
		for _, name := range keys {
			pairs = append(pairs, name+"="+all[name])
		}
		return strings.Join(keys, ";"), strings.Join(pairs, "&")
	}
	encode := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	params, headers := map[string]string{}, map[string]string{"host": encode(q.Host)}
	for name, values := range q.URL.Query() {
		params[strings.ToLower(encode(name))] = encode(values[0])
	}
	for name := range q.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-cos-") || name == "content-md5" {
			headers[name] = encode(q.Header.Get(name))
		}
	}
	keyTime := fmt.Sprintf("%d;%d", now.Unix()-1, now.Unix()+900)
	paramNames, paramText := sorted(params)
	headerNames, headerText := sorted(headers)
	mac := func(key, text string) string {
		h := hmac.New(sha1.New, []byte(key))
		h.Write([]byte(text))
		return fmt.Sprintf("%x", h.Sum(nil))
	}
	formed := fmt.Sprintf("%s\n%s\n%s\n%s\n", strings.ToLower(q.Method), q.URL.Path, paramText, headerText)
	toSign := fmt.Sprintf("sha1\n%s\n%x\n", keyTime, sha1.Sum([]byte(formed)))
	return strings.Join([]string{
		"q-sign-algorithm=sha1", "q-ak=" + key.SecretID, "q-sign-time=" + keyTime, "q-key-time=" + keyTime,
		"q-header-list=" + headerNames, "q-url-param-list=" + paramNames, "q-signature=" + mac(mac(key.SecretKey, keyTime), toSign),
	}, between)
}

// A got is an answer, with the parts of all bodies that there are.
type got struct {
	status         int
	header         http.Header
	text           string
	Code, Message  string
	UploadId, ETag string
	Location       string
	IsTruncated    bool
	Part           []struct {
		PartNumber, Size int
		ETag             string
	}
	Upload               []struct{ Key, UploadId string }
	NextPartNumberMarker int
}

// ask sends a request as it is.
func (r *rig) ask(q *http.Request) got {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	body, _ := io.ReadAll(w.Body)
	g := got{status: w.Code, header: w.Header(), text: string(body)}
	if len(body) > 0 {
		if err := xml.Unmarshal(body, &g); err != nil {
			r.t.Fatalf("%s: %v", body, err)
		}
	}
	if g.header.Get("X-Cos-Request-Id") == "" {
		r.t.Errorf("answer %+v has no request id", g)
	}
	if (g.status >= 400) != (g.Code != "") && q.Method != http.MethodHead {
		r.t.Errorf("answer %d has the code %q", g.status, g.Code)
	}
	return g
}

// do signs a request and sends it.
func (r *rig) do(method, target, body string) got {
	r.t.Helper()
	return r.ask(r.sign(unsigned(method, target, body)))
}

func (r *rig) wantCode(g got, status int, code string) {
	r.t.Helper()
	if g.status != status || g.Code != code {
		r.t.Errorf("answer is %d, %s, want %d, %s", g.status, g.text, status, code)
	}
}

func (r *rig) wantUploaded(key string, size int64, want bool) {
	r.t.Helper()
	if n, there := r.Uploaded(r.key.SecretID, key); there != want || n != size {
		r.t.Errorf("%s has %d bytes, %v; want %d, %v", key, n, there, size, want)
	}
}
