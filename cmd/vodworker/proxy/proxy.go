// Package proxy looks at how the environment names the proxies that calls go through.
package proxy

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// variables name them, the first of each pair that is set.
var variables = [][]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}}

// Secrets returns the addresses that a user logs in to, as URLs.
func Secrets() (urls []string) {
	for _, name := range slices.Concat(variables...) {
		text := os.Getenv(name)
		if !strings.Contains(text, "@") {
			continue
		}
		if !strings.Contains(text, "://") {
			text = "http://" + text
		}
		urls = append(urls, text)
	}
	return urls
}

// Check fails if calls would go round a proxy that somebody has meant them to take: net/http reads these variables,
// the first of each pair that is set, and takes one that it can't parse for unset. What stands there may hold a password.
func Check() error {
	for _, names := range variables {
		for _, name := range names {
			text := os.Getenv(name)
			if text == "" {
				continue
			}
			if !isProxy(text) {
				return fmt.Errorf("%s is not the address of a proxy, such as http://proxy.example.com:3128: "+
					"correct it, or unset it", name)
			}
			break
		}
	}
	return nil
}

// isProxy reports whether text is the address of a proxy, which may lack its http://. Without it no path may follow: of
// http:/proxy.example.com, which lacks a slash, net/http takes http for the host.
func isProxy(text string) bool {
	whole := strings.Contains(text, "://")
	if !whole {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || !whole && u.Path != "" && u.Path != "/" {
		return false
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	}
	return false
}
