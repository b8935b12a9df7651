package vodtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm       = "TC3-HMAC-SHA256"
	vodService      = "vod"
	terminator      = "tc3_request"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	maxSkew         = 300 * time.Second // between the client's clock and ours
)

// authenticate checks the TC3-HMAC-SHA256 signature of a request.
func (e *Emulator) authenticate(r *http.Request, body []byte, now time.Time) error {
	auth, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return &APIError{"AuthFailure.InvalidAuthorization",
			"Authorization must be " + algorithm + " Credential=…, SignedHeaders=…, Signature=…"}
	}
	timestamp := r.Header.Get("X-TC-Timestamp")
	signed, err := checkTimestamp(timestamp, now)
	if err != nil {
		return err
	}
	secretKey, err := e.secretKey(auth.secretID, r.Header.Get("X-TC-Token"), now)
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
		return &APIError{"AuthFailure.SignatureFailure", "the scope of the Credential must be " + want}
	}
	for _, name := range []string{"content-type", "host"} {
		if !slices.Contains(auth.headers, name) {
			return &APIError{"AuthFailure.SignatureFailure", "SignedHeaders must contain " + name}
		}
	}
	// Clients are told to lower-case the values of headers before they sign them. Some do not. And some leave out
	// the port of the host, which VOD has none of.
	for _, lower := range []bool{true, false} {
		for _, host := range []string{r.Host, portless(r.Host)} {
			want := signature(secretKey, timestamp, date, service, canonicalRequest(r, host, auth.headers, body, lower))
			if hmac.Equal([]byte(want), []byte(auth.signature)) {
				return nil
			}
		}
	}
	return errSignature
}

var errSignature = &APIError{"AuthFailure.SignatureFailure", "the signature is not that of this request with this SecretId's key"}

// checkTimestamp returns the time at which the client says it signed, if that is not too far from now.
func checkTimestamp(timestamp string, now time.Time) (time.Time, error) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return time.Time{}, &APIError{"AuthFailure.InvalidAuthorization", "the timestamp must be a UNIX time in seconds"}
	}
	signed := time.Unix(seconds, 0).UTC()
	if signed.Before(now.Add(-maxSkew)) || signed.After(now.Add(maxSkew)) {
		return time.Time{}, &APIError{"AuthFailure.SignatureExpire", "the timestamp is more than 5 minutes off"}
	}
	return signed, nil
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
