// Package weburl reads URLs, and their hosts, that come from outside.
package weburl

import (
	"net"
	"net/url"
	"strings"
)

// Parse reads a URL that can be called: an http or https one with a host.
func Parse(text string) (u *url.URL, ok bool) {
	u, err := url.Parse(text)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// WithoutSecrets returns scheme, host and path of a URL, as it is written: what else there is may be a password or a token.
func WithoutSecrets(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// Host returns the host of an address, with or without a port, as it is compared with others: in lower case, without brackets
// and without dots at its end.
func Host(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && strings.Trim(port, "0123456789") == "" {
		address = host
	}
	return strings.ToLower(strings.TrimRight(strings.Trim(address, "[]"), "."))
}
