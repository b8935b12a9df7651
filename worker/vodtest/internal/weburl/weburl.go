// Package weburl reads URLs that come from outside.
package weburl

import "net/url"

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
