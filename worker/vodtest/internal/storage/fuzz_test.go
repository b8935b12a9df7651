package storage

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func FuzzSignaturesAreReadOrRefused(f *testing.F) {
	r := newRig(f)
	f.Add(signed(unsigned("PUT", mediaKey, ""), key, epoch, "&"), "")
	f.Add("", strings.ReplaceAll(signed(unsigned("PUT", mediaKey, ""), key, epoch, "&"), ";", "%3B"))
	f.Add("q-ak=AKIDtest&q-ak=&=&", "a=%zz&&=")
	f.Fuzz(func(t *testing.T, authorization, rawQuery string) {
		query, err := readQuery(rawQuery)
		if err != nil {
			return
		}
		fields, err := readSignature(authorization, query)
		if err == nil && len(fields) != len(fieldsOfSignature) {
			t.Errorf("the fields are %v", fields)
		}
		q := unsigned("PUT", mediaKey, "")
		q.Header.Set("Authorization", authorization)
		q.Header.Set("X-Cos-Security-Token", key.Token)
		if _, err := r.authorize(q, query); err == nil && !strings.Contains(authorization+query.Encode(), key.SecretID) {
			t.Errorf("%q and %q are a signature", authorization, rawQuery)
		}
	})
}

func FuzzPartsAreReadOrRefused(f *testing.F) {
	f.Add([]byte(all(part1(1, `"x"`), part1(2, "y"))))
	f.Add([]byte("<CompleteMultipartUpload><Part><PartNumber>9999999999999999999</PartNumber></Part>"))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b \"c\">]><CompleteMultipartUpload><Part><ETag>&b;</ETag></Part></CompleteMultipartUpload>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		parts, err := readComplete(body)
		if err == nil && (len(parts) == 0 || len(parts) > maxParts) {
			t.Errorf("%q has %d parts", body, len(parts))
		}
		p := &parted{parts: map[int]part{}}
		if o, err := p.join(parts, epoch); err == nil && len(parts) > 0 {
			t.Errorf("nothing became %+v", o)
		}
	})
}

// Whatever is asked, the storage answers, as far as its counts are right, and tells no secret.
func FuzzRequestsAreAnswered(f *testing.F) {
	for _, seed := range [][3]string{
		{"PUT", mediaKey, "content"}, {"HEAD", mediaKey, ""}, {"GET", mediaKey, ""}, {"POST", mediaKey + "?uploads", ""},
		{"PUT", mediaKey + "?partNumber=1&uploadId=id2", "part"}, {"GET", mediaKey + "?uploadId=id2&max-parts=1", ""},
		{"POST", mediaKey + "?uploadId=id2", all(part1(1, "x"))}, {"DELETE", mediaKey + "?uploadId=id2", ""},
		{"GET", "?uploads&prefix=vod", ""}, {"PUT", "/../" + coverKey + "?acl", "x"}, {"\x00", "%zz?;&=", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], int64(len(seed[2])), true)
		f.Add(seed[0], seed[1], seed[2], int64(-1), false)
	}
	f.Fuzz(func(t *testing.T, method, target, body string, length int64, signs bool) {
		r := newRig(t)
		r.ask(r.sign(unsigned("POST", mediaKey+"?uploads", "")))
		path, query, _ := strings.Cut(target, "?")
		q := unsigned("PUT", "", body)
		q.Method, q.ContentLength = method, length
		q.URL = &url.URL{Path: "/" + path, RawQuery: query}
		if signs {
			r.sign(q)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q)
		if w.Code < 200 || w.Code > 501 || w.Code >= 400 && !strings.Contains(w.Body.String(), "<Code>") {
			t.Errorf("answer is %d, %s", w.Code, w.Body)
		}
		for _, secret := range []string{key.SecretKey, key.Token} {
			if strings.Contains(w.Body.String(), secret) && !strings.Contains(target, secret) {
				t.Errorf("%s is in %s", secret, w.Body)
			}
		}
		if n, there := r.Uploaded(key.SecretID, mediaKey); there && (!signs || method != http.MethodPut || n != int64(len(body))) {
			t.Errorf("%d bytes are there after %s %s", n, method, target)
		}
		if r.parts < 0 || len(r.parted) > 2 {
			t.Errorf("%d parts of %d uploads", r.parts, len(r.parted))
		}
	})
}
