package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// validateReceivers notes a webhook that posts to the receiver of callbacks, which hands what it gets to that webhook again.
func (c *Config) validateReceivers() {
	for key, place := range c.places() {
		if place.Webhook != nil && reaches(place.Webhook.URL, c.Callback.Listen) {
			c.bad(key+".webhook.url", "callback.listen is the same address, so it would post each event to itself; write another")
		}
	}
}

// reaches reports whether a URL surely leads to an address that is listened on.
func reaches(target, listen string) bool {
	u, err := url.Parse(target)
	at := strings.LastIndexByte(listen, ':')
	if err != nil || at < 0 {
		return false
	}
	host, port := strings.Trim(listen[:at], "[]"), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	isHere := isLocal(u.Hostname()) && (host == "" || isLocal(host))
	return port == listen[at+1:] && (isHere || strings.EqualFold(u.Hostname(), host))
}

// isLocal reports whether a host is this machine, or all of its addresses.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && (address.IsLoopback() || address.IsUnspecified())
}
