// Package proxy looks at how the environment names the proxies that calls go through.
package proxy

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Check fails if calls would go round a proxy that somebody has meant them to take: net/http reads these variables,
// the first of each pair that is set, and takes one that it can't parse for unset. What stands there may hold a password.
func Check() error {
	for _, names := range [][]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}} {
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
