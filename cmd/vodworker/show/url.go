package show

import (
	"net/url"
	"strings"
)

// URL returns a URL without the user and the password in it. Where that is no URL, all is hidden that may belong to them.
func URL(text string) string {
	scheme, rest, has := strings.Cut(text, "//")
	if !has {
		scheme, rest = "", text
	} else {
		scheme += "//"
	}
	until := rest
	if u, err := url.Parse(text); err == nil && u.Host != "" { // no user is in what follows the host
		until = rest[:min(len(rest), strings.IndexAny(rest+"/", "/?#"))]
	}
	at := strings.LastIndex(until, "@")
	if at < 0 {
		return text
	}
	return scheme + "…" + rest[at:]
}
