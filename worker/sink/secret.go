package sink

import (
	"cmp"
	"encoding/base64"
	"errors"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// parseTarget reads the URL. Its errors never quote it, nor url.Parse's: in a URL that does not parse, a part of the
// password may well pass for the port.
func parseTarget(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("it is missing; write the URL to post to")
	}
	target, err := url.Parse(raw)
	if err != nil {
		return nil, badURL(err)
	}
	switch {
	case target.Scheme != "http" && target.Scheme != "https":
		return nil, errors.New("it does not begin with http:// or https://; write one of them in front")
	case target.Hostname() == "":
		return nil, errors.New("it has no host; write one behind the scheme, such as https://example.com/vod")
	}
	if port := target.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("its port is not from 1 to 65535; write another, or none")
		}
	}
	return target, nil
}

func badURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	_, escape := errors.AsType[url.EscapeError](err)
	_, host := errors.AsType[url.InvalidHostError](err)
	switch text := err.Error(); {
	case escape:
		return errors.New("it has a % without two hexadecimal digits behind it; % itself is written %25")
	case host:
		return errors.New("it has a character in its host that cannot be there; write it without")
	case strings.Contains(text, "scheme"), strings.Contains(text, "first path segment"):
		return errors.New("it does not begin with http:// or https://; write one of them in front")
	case strings.Contains(text, "control character"):
		return errors.New("it has a control character in it, such as a line break at its end; take it out")
	case strings.Contains(text, "port"):
		return errors.New("its port is not a number, or its user name or password has / ? or # in it; write those as %2F, %3F and %23")
	default:
		return errors.New("it cannot be parsed; write special characters in it percent-encoded")
	}
}

// publicURL returns the part of a URL that holds no secrets.
func publicURL(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// minSecret is the length from which a value is hidden. Shorter ones are no secrets, and occur everywhere.
const minSecret = 4

// hide returns what blanks the secret parts of the target, the signing secret, and the values of headers in foreign text: an error
// page often quotes the request.
func hide(target *url.URL, secret string, headers http.Header) *strings.Replacer {
	values := []string{secret, strings.TrimPrefix(secret, "whsec_"), target.RawQuery, target.Fragment}
	for part := range strings.FieldsFuncSeq(target.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, found := strings.Cut(part, "=")
		if !found {
			value = key
		}
		values = append(values, value)
		if plain, err := url.QueryUnescape(value); err == nil {
			values = append(values, plain)
		}
	}
	if user := target.User; user != nil {
		password, _ := user.Password()
		_, escaped, _ := strings.Cut(user.String(), ":")
		basic := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		values = append(values, user.String(), user.Username(), password, escaped, basic)
	}
	for name := range headers {
		values = append(values, partsOf(headers.Get(name))...)
	}
	for _, value := range values {
		values = append(values, quotedForms(value)...)
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // the whole before its parts
	var pairs []string
	for _, value := range values {
		if len(value) >= minSecret {
			pairs = append(pairs, value, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// partsOf returns the value of a header, what stands behind its first word, such as Bearer, and behind each = in it; of Basic the
// user name and the password too.
func partsOf(value string) []string {
	parts := []string{value}
	scheme, rest, _ := strings.Cut(value, " ")
	parts = append(parts, rest)
	if plain, err := base64.StdEncoding.DecodeString(rest); err == nil && strings.EqualFold(scheme, "Basic") {
		user, password, _ := strings.Cut(string(plain), ":")
		parts = append(parts, string(plain), user, password)
	}
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" ,;", r) }) {
		if _, inside, found := strings.Cut(part, "="); found {
			parts = append(parts, inside, strings.Trim(inside, `"`))
		}
	}
	return parts
}

// quotedForms returns a value as pages quote it: in HTML, also that of Go's templates, in a URL, and in the JSON of PHP.
func quotedForms(value string) []string {
	inHTML := html.EscapeString(value)
	return []string{inHTML, strings.ReplaceAll(inHTML, "+", "&#43;"), url.QueryEscape(value), strings.ReplaceAll(value, "/", `\/`)}
}
