package forward

import (
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// notHandedOn are headers: whose request it is, and what concerns one connection only. The answer must not be compressed,
// whatever the client can read.
var notHandedOn = []string{
	"Authorization", "X-TC-Token", "Cookie",
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
	"Accept-Encoding", "Content-Length", "Expect",
}

// handedOn returns the headers that the stub gets.
func handedOn(headers http.Header) http.Header {
	kept := headers.Clone()
	for _, line := range headers["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			kept.Del(textproto.TrimString(name))
		}
	}
	for _, name := range notHandedOn {
		kept.Del(name)
	}
	if _, named := kept["User-Agent"]; !named {
		kept.Set("User-Agent", "") // or the transport names itself
	}
	return kept
}

// v1Keys are the parameters of a request in the way of version 1 that say whose it is. In the way of version 3 headers do.
var v1Keys = []string{"SecretId", "Signature", "Token"}

// withoutKeys returns the query and the body of a request as the stub gets them: all the rest is as it was, byte for byte.
func withoutKeys(r *http.Request, body []byte) (string, []byte) {
	if r.Header.Get("Authorization") != "" {
		return r.URL.RawQuery, body
	}
	return withoutPairs(r.URL.RawQuery), []byte(withoutPairs(string(body)))
}

func withoutPairs(form string) string {
	pairs := strings.Split(form, "&")
	return strings.Join(slices.DeleteFunc(pairs, func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		return err == nil && slices.Contains(v1Keys, name)
	}), "&")
}
