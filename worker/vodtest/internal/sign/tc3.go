package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

const (
	algorithm       = "TC3-HMAC-SHA256"
	vodService      = "vod"
	terminator      = "tc3_request"
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// checkTC3 checks the TC3-HMAC-SHA256 signature of a request.
func (q *Request) checkTC3(now time.Time, keys KeyRing) error {
	r := q.http
	auth, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return api.Refuse("AuthFailure.InvalidAuthorization",
			"Authorization must be "+algorithm+" Credential=…, SignedHeaders=…, Signature=…")
	}
	timestamp := r.Header.Get("X-TC-Timestamp")
	signed, err := checkTimestamp(timestamp, now)
	if err != nil {
		return err
	}
	secretKey, err := keys(auth.secretID, r.Header.Get("X-TC-Token"))
	if err != nil {
		return err
	}
	date := signed.Format(time.DateOnly)
	service := vodService
	// Some SDKs take the first part of their endpoint for the service, whatever the endpoint is.
	if part, _, _ := strings.Cut(r.Host, "."); auth.scope == scope(date, part) {
		service = part
	}
	if want := scope(date, service); auth.scope != want {
		return api.Refuse("AuthFailure.SignatureFailure", "the scope of the Credential must be %s", want)
	}
	for _, name := range []string{"content-type", "host"} {
		if !slices.Contains(auth.headers, name) {
			return api.Refuse("AuthFailure.SignatureFailure", "SignedHeaders must contain %s", name)
		}
	}
	// Clients are told to lower-case the values of headers before they sign them. Some do not. And some leave out
	// the port of the host, which VOD has none of.
	for _, lower := range []bool{true, false} {
		for _, host := range []string{r.Host, portless(r.Host)} {
			want := signature(secretKey, timestamp, date, service, canonicalRequest(r, host, auth.headers, q.body, lower))
			if hmac.Equal([]byte(want), []byte(auth.signature)) {
				return nil
			}
		}
	}
	return errMismatch
}

func portless(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

type authorization struct {
	secretID  string
	scope     string   // date/service/terminator
	headers   []string // lower-case, in the order in which they were signed
	signature string
}

func parseAuthorization(header string) (authorization, bool) {
	var a authorization
	fields, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return a, false
	}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			a.secretID, a.scope, _ = strings.Cut(value, "/")
		case "SignedHeaders":
			a.headers = strings.Split(strings.ToLower(value), ";")
		case "Signature":
			a.signature = value
		}
	}
	return a, a.scope != "" && a.headers != nil && a.signature != ""
}

// canonicalRequest rebuilds what the client signed, from the headers that it says it signed. The path is always /,
// and the query of a POST is always empty.
func canonicalRequest(r *http.Request, host string, names []string, body []byte, lower bool) string {
	var headers strings.Builder
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = host
		}
		if lower {
			value = strings.ToLower(value)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	query := ""
	if r.Method == http.MethodGet {
		query = r.URL.RawQuery
	}
	if r.Header.Get("X-TC-Content-SHA256") == unsignedPayload {
		body = []byte(unsignedPayload)
	}
	return strings.Join([]string{
		r.Method, "/", query, headers.String(), strings.Join(names, ";"), hexSHA256(body),
	}, "\n")
}

func scope(date, service string) string { return date + "/" + service + "/" + terminator }

func signature(secretKey, timestamp, date, service, request string) string {
	key := hmacSHA256([]byte("TC3"+secretKey), date)
	key = hmacSHA256(key, service)
	key = hmacSHA256(key, terminator)
	toSign := strings.Join([]string{algorithm, timestamp, scope(date, service), hexSHA256([]byte(request))}, "\n")
	return hex.EncodeToString(hmacSHA256(key, toSign))
}

func hmacSHA256(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
