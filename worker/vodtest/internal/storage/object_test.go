package storage

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

func TestAnObjectIsCountedAndSummed(t *testing.T) {
	for _, content := range []string{"", "123456789", strings.Repeat("x", 100_000)} {
		r := newRig(t)
		g := r.do("PUT", mediaKey, content)
		r.wantCode(g, 200, "")
		r.wantUploaded(mediaKey, int64(len(content)), true)
		want := fmt.Sprintf(`"%x"`, md5.Sum([]byte(content)))
		crc := fmt.Sprint(crc64.Checksum([]byte(content), crc64.MakeTable(crc64.ECMA)))
		if content == "123456789" {
			crc = "11051210869376104954" // the check value of CRC-64/XZ
		}
		for _, g := range []got{g, r.do("HEAD", mediaKey, "")} {
			if g.header.Get("ETag") != want || g.header.Get("X-Cos-Hash-Crc64ecma") != crc {
				t.Errorf("the headers are %v, want %s, %s", g.header, want, crc)
			}
		}
		if got := r.do("HEAD", mediaKey, "").header.Get("Content-Length"); got != fmt.Sprint(len(content)) {
			t.Errorf("it has %s bytes, want %d", got, len(content))
		}
	}
}

func TestTheLastObjectCounts(t *testing.T) {
	r := newRig(t)
	r.do("PUT", mediaKey, "first")
	r.do("PUT", "/"+mediaKey, "the second")
	r.do("PUT", coverKey, "a cover")
	r.wantUploaded(mediaKey, 10, true)
	r.wantUploaded(coverKey, 7, true)
}

func TestABodyThatIsNotWhatItSaysStoresNothing(t *testing.T) {
	sum := func(text string) string { s := md5.Sum([]byte(text)); return base64.StdEncoding.EncodeToString(s[:]) }
	for name, test := range map[string]struct {
		change func(*http.Request)
		code   string
	}{
		"its MD5":     {func(q *http.Request) { q.Header.Set("Content-MD5", sum("content")) }, ""},
		"in chunks":   {func(q *http.Request) { q.ContentLength = -1 }, ""},
		"another MD5": {func(q *http.Request) { q.Header.Set("Content-MD5", sum("other")) }, "BadDigest"},
		"no MD5":      {func(q *http.Request) { q.Header.Set("Content-MD5", "MD5") }, "InvalidDigest"},
		"too short":   {func(q *http.Request) { q.ContentLength = 8 }, "IncompleteBody"},
		"broken": {func(q *http.Request) {
			q.Body = io.NopCloser(iotest.TimeoutReader(iotest.OneByteReader(q.Body)))
		}, "IncompleteBody"},
		"broken in chunks": {func(q *http.Request) {
			q.ContentLength = -1
			q.Body = io.NopCloser(iotest.TimeoutReader(iotest.OneByteReader(q.Body)))
		}, "IncompleteBody"},
		"said too long": {func(q *http.Request) { q.ContentLength = 9 }, "EntityTooLarge"},
		"too long": {func(q *http.Request) {
			q.ContentLength = -1
			q.Body = io.NopCloser(strings.NewReader("the content"))
		}, "EntityTooLarge"},
		"signed chunks": {func(q *http.Request) { q.Header.Set("Content-Encoding", "aws-chunked") }, "NotImplemented"},
		"a copy":        {func(q *http.Request) { q.Header.Set("X-Cos-Copy-Source", "x") }, "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.most.put = 8
			q := unsigned("PUT", mediaKey, "content")
			test.change(q)
			if g := r.ask(r.sign(q)); g.Code != test.code {
				t.Errorf("answer is %d, %s, want %s", g.status, g.text, test.code)
			}
			if _, there := r.Uploaded(key.SecretID, mediaKey); there != (test.code == "") {
				t.Errorf("is there: %v", there)
			}
		})
	}
}

func TestNoContentIsKept(t *testing.T) {
	r := newRig(t)
	r.wantCode(r.do("GET", mediaKey, ""), 404, "NoSuchKey")
	if g := r.do("HEAD", mediaKey, ""); g.status != 404 {
		t.Errorf("HEAD is answered %d", g.status)
	}
	r.do("PUT", mediaKey, "content")
	r.wantCode(r.do("GET", mediaKey, ""), 501, "NotImplemented")
	r.wantCode(r.do("DELETE", mediaKey, ""), 405, "MethodNotAllowed")
	r.wantCode(r.do("GET", "", ""), 405, "MethodNotAllowed")
}

// A body takes its time. What has changed in between counts.
func TestWhatIsForgottenMeanwhileStoresNothing(t *testing.T) {
	for name, test := range map[string]struct {
		forget func(*rig)
		code   string
	}{
		"a reset":   {func(r *rig) { r.Reset() }, "InvalidAccessKeyId"},
		"its end":   {func(r *rig) { r.now = key.Ends }, "ExpiredToken"},
		"a new one": {func(r *rig) { r.Reset(); r.Grant(key) }, "InvalidAccessKeyId"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			q := r.sign(unsigned("PUT", mediaKey, "content"))
			body := q.Body
			q.Body = io.NopCloser(readFunc(func(p []byte) (int, error) {
				if test.forget != nil {
					test.forget(r)
					test.forget = nil
				}
				return body.Read(p)
			}))
			if g := r.ask(q); g.Code != test.code {
				t.Errorf("answer is %s, want %s", g.text, test.code)
			}
			r.wantUploaded(mediaKey, 0, false)
		})
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// Or its client would be cut off while it sends, and not come to read why. One that waits to be told so has not sent anything.
func TestTheBodyOfARequestThatIsRefusedIsReadUnlessItIsYetToCome(t *testing.T) {
	for expect, left := range map[string]string{"": "", "100-continue": "content"} {
		q := unsigned("PUT", mediaKey, "content")
		q.Header.Set("Expect", expect)
		r := newRig(t)
		r.wantCode(r.ask(q), 403, "AccessDenied")
		if body, _ := io.ReadAll(q.Body); string(body) != left {
			t.Errorf("expecting %q, %q is left", expect, body)
		}
	}
}

func TestOfTheBodyOfARequestThatIsRefusedOnlySoMuchIsRead(t *testing.T) {
	read, q := 0, unsigned("PUT", mediaKey, "")
	q.Body = io.NopCloser(readFunc(func(p []byte) (int, error) {
		if read += len(p); read > maxDrained+1<<20 {
			return len(p), io.EOF
		}
		return len(p), nil
	}))
	r := newRig(t)
	if r.wantCode(r.ask(q), 403, "AccessDenied"); read > maxDrained {
		t.Errorf("%d bytes were read", read)
	}
}

func TestTheOldestGrantIsForgotten(t *testing.T) {
	r := newRig(t)
	r.most.grants = 2
	r.do("PUT", mediaKey, "content")
	r.put(r.begin(), 1, "part")
	for _, id := range []string{"AKIDsecond", "AKIDthird"} {
		r.wantUploaded(mediaKey, 7, true)
		g := key
		g.SecretID = id
		r.Grant(g)
	}
	r.wantUploaded(mediaKey, 0, false)
	r.wantCode(r.do("PUT", mediaKey, "content"), 403, "InvalidAccessKeyId")
	if len(r.grants) != 2 || len(r.order) != 2 || len(r.parted) != 0 || r.parts != 0 {
		t.Errorf("there are %d grants in %d, and %d parts of %d uploads", len(r.grants), len(r.order), r.parts, len(r.parted))
	}
}
