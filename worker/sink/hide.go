package sink

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// minSecret is the length from which a value is hidden. Shorter ones are no secrets, and occur everywhere.
const minSecret = 4

// secrets are what foreign text may quote, as they are and without escapes.
type secrets struct{ written, undone [][]byte }

// hide returns what a webhook's posts hold of secrets: those of the target, of the proxy on the way, the signing secret, and the
// values of headers. An error page often quotes the request.
func hide(target *url.URL, secret string, headers http.Header) *secrets {
	values := append(ofURL(target), secret, strings.TrimPrefix(secret, "whsec_"))
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: target}); err == nil && proxy != nil {
		values = append(values, ofUser(proxy.User)...)
	}
	for name := range headers {
		values = append(values, partsOf(headers.Get(name))...)
	}
	return newSecrets(values)
}

// hideTexts returns secrets of any kind, and those in URLs, as they may be quoted.
func hideTexts(texts []string) *secrets {
	var values []string
	for _, text := range texts {
		values = append(values, strings.TrimPrefix(text, "whsec_"))
		if target, err := url.Parse(text); err == nil && (target.Host != "" || strings.HasPrefix(text, "/")) {
			values = append(values, ofURL(target)...)
		} else {
			values = append(values, partsOf(text)...)
		}
	}
	return newSecrets(values)
}

func newSecrets(values []string) *secrets {
	s := new(secrets)
	for _, value := range values {
		if len(value) < minSecret {
			continue
		}
		s.written = append(s.written, []byte(value))
		if undone, _ := undo([]byte(value)); len(undone) >= minSecret {
			s.undone = append(s.undone, undone)
		}
	}
	return s
}

// ofURL returns what a URL has of secrets: who logs in, the path and what nobody would guess in it, and the query.
func ofURL(target *url.URL) []string {
	path := target.EscapedPath()
	values := append(ofUser(target.User), path, target.RawQuery, target.Fragment)
	for part := range strings.SplitSeq(path, "/") {
		if len(part) >= 20 || len(part) >= 8 && strings.ContainsAny(part, "0123456789") { // no word
			values = append(values, part)
		}
	}
	for part := range strings.FieldsFuncSeq(target.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, found := strings.Cut(part, "=")
		if !found {
			value = key
		}
		values = append(values, value)
	}
	return values
}

func ofUser(user *url.Userinfo) []string {
	if user == nil {
		return nil
	}
	password, _ := user.Password()
	basic := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
	return []string{user.String(), user.Username(), password, basic}
}

// blank returns a part of text, with *** for each secret of which something is there, however it is escaped.
func (s *secrets) blank(text []byte, from, to int) string {
	to = min(len(text), to)
	if len(s.written) == 0 {
		return string(text[from:to])
	}
	hidden := make([]bool, len(text))
	each := func(in []byte, values [][]byte, found func(from, to int)) {
		for _, value := range values {
			for from := 0; ; from++ {
				next := bytes.Index(in[from:], value)
				if next < 0 {
					break
				}
				from += next
				found(from, from+len(value))
			}
		}
	}
	hide := func(from, to int) {
		for i := from; i < to; i++ {
			hidden[i] = true
		}
	}
	each(text, s.written, hide)
	undone, begins := undo(text)
	each(undone, s.undone, func(from, to int) { hide(begins[from], begins[to]) })
	var shown strings.Builder
	for i := from; i < to; i++ {
		switch {
		case !hidden[i]:
			shown.WriteByte(text[i])
		case i == from || !hidden[i-1]:
			shown.WriteString("***")
		}
	}
	return shown.String()
}

// partsOf returns the value of a header, and what may be the secret in it: what stands behind its first word, such as Bearer; its
// last word; what stands behind each = and : in a word; and of Basic what is encoded there.
func partsOf(value string) []string {
	words := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) })
	if len(words) == 0 {
		return []string{value}
	}
	parts := []string{value, strings.TrimSpace(value[len(words[0]):]), words[len(words)-1]}
	if strings.EqualFold(words[0], "Basic") {
		plain, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(words[len(words)-1], "="))
		words = append(words, string(plain))
		user, _, _ := strings.Cut(string(plain), ":")
		parts = append(parts, string(plain), user)
	}
	for _, word := range words {
		for i, letter := range word {
			if letter == '=' || letter == ':' {
				parts = append(parts, word[i+1:], strings.Trim(word[i+1:], `"`))
			}
		}
	}
	return parts
}
