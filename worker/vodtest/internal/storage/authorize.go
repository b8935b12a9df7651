package storage

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxAuthorization = 8 << 10          // bytes
	maxSkew          = 15 * time.Minute // that a signature may begin in the future
	tokenName        = "x-cos-security-token"
)

// fieldsOfSignature are those that a signature has, in the header Authorization or in the query.
var fieldsOfSignature = []string{
	"q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature",
}

func isOfSignature(name string) bool {
	return name == tokenName || slices.Contains(fieldsOfSignature, name)
}

// authorize returns the grant whose key has signed a request, and was sent along with it.
func (s *Storage) authorize(r *http.Request, query url.Values) (*grant, error) {
	fields, err := readSignature(r.Header.Get("Authorization"), query)
	if err != nil {
		return nil, err
	}
	now, clock := s.Now(), s.Clock()
	s.mu.Lock()
	g := s.grants[fields["q-ak"]]
	if g != nil {
		err = s.holds(g, now)
	}
	s.mu.Unlock()
	token := r.Header.Get(tokenName)
	if token == "" {
		token = query.Get(tokenName)
	}
	switch {
	case g == nil:
		return nil, unknownKey
	case !hmac.Equal([]byte(token), []byte(g.Token)):
		return nil, &refusal{403, "AccessDenied", "x-cos-security-token must be the Token of the TempCertificate"}
	case err != nil:
		return nil, err
	}
	for _, name := range []string{"q-sign-time", "q-key-time"} {
		if err := checkTime(fields[name], clock); err != nil {
			return nil, err
		}
	}
	if !hmac.Equal([]byte(fields["q-signature"]), []byte(signature(r, query, fields, g.SecretKey))) {
		return nil, &refusal{403, "SignatureDoesNotMatch", "the signature is not that of this request with this key"}
	}
	return g, nil
}

// readSignature returns the fields of the signature by their names.
func readSignature(authorization string, query url.Values) (map[string]string, error) {
	fields := map[string]string{}
	if authorization == "" {
		for _, name := range fieldsOfSignature {
			if query.Has(name) {
				fields[name] = query.Get(name)
			}
		}
		if len(fields) == 0 {
			return nil, &refusal{403, "AccessDenied", "the request is not signed"}
		}
	} else {
		if len(authorization) > maxAuthorization {
			return nil, invalid("the Authorization is too long")
		}
		for field := range strings.SplitSeq(authorization, "&") {
			name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
			if _, twice := fields[name]; twice || !slices.Contains(fieldsOfSignature, name) {
				return nil, invalid("the Authorization must have " + strings.Join(fieldsOfSignature, ", ") + ", and nothing else or twice")
			}
			fields[name] = value
		}
	}
	for _, name := range fieldsOfSignature {
		if _, there := fields[name]; !there {
			return nil, invalid("the signature has no " + name)
		}
	}
	if fields["q-sign-algorithm"] != "sha1" {
		return nil, invalid("q-sign-algorithm must be sha1")
	}
	return fields, nil
}

// checkTime refuses a time in which the signature is not good, such as 1500000000;1500000900.
func checkTime(text string, now time.Time) error {
	first, last, _ := strings.Cut(text, ";")
	begins, err1 := strconv.ParseInt(first, 10, 64)
	ends, err2 := strconv.ParseInt(last, 10, 64)
	switch {
	case err1 != nil || err2 != nil || begins > ends:
		return invalid("q-sign-time and q-key-time must be two UNIX times in seconds with a semicolon between them")
	case now.Unix() > ends:
		return &refusal{403, "AccessDenied", "Request has expired"} // SDKs compare the message, and then correct their clock
	case begins > now.Add(maxSkew).Unix():
		return &refusal{403, "RequestTimeTooSkewed", "the signature begins more than 15 minutes in the future"}
	}
	return nil
}

// signature returns what q-signature must be.
func signature(r *http.Request, query url.Values, fields map[string]string, secretKey string) string {
	params := map[string]string{}
	for name, values := range query {
		params[strings.ToLower(escape(name))] = escape(values[0])
	}
	header := func(name string) string {
		if unescaped, err := url.QueryUnescape(name); err == nil {
			name = unescaped
		}
		switch value := r.Header.Get(name); {
		case name == "host":
			return escape(r.Host)
		case name == "content-length" && value == "":
			return strconv.FormatInt(max(r.ContentLength, 0), 10)
		default:
			return escape(value)
		}
	}
	path := r.URL.Path
	if path == "" {
		path = "/"
	}
	text := strings.ToLower(r.Method) + "\n" + path + "\n" +
		joined(fields["q-url-param-list"], func(name string) string { return params[name] }) + "\n" +
		joined(fields["q-header-list"], header) + "\n"
	sum := sha1.Sum([]byte(text))
	toSign := "sha1\n" + fields["q-sign-time"] + "\n" + hex.EncodeToString(sum[:]) + "\n"
	return keyed(keyed(secretKey, fields["q-key-time"]), toSign)
}

// joined returns names, which have semicolons between them, with their values.
func joined(names string, value func(name string) string) string {
	if names == "" {
		return ""
	}
	var all []string
	for name := range strings.SplitSeq(names, ";") {
		all = append(all, name+"="+value(name))
	}
	return strings.Join(all, "&")
}

func keyed(key, text string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// escape escapes as the storage's signatures do.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// readQuery reads a query, in which semicolons may stand.
func readQuery(raw string) (url.Values, error) {
	query := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, invalid("the query is not escaped as it should be")
		}
		if query.Has(name) {
			return nil, invalid("the query has a parameter twice")
		}
		query.Set(name, value)
	}
	return query, nil
}
