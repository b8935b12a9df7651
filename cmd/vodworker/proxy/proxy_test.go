package proxy

import "testing"

func TestAProxyIsWhatNetHTTPCanUse(t *testing.T) {
	for text, want := range map[string]bool{
		"http://proxy.example.com:3128": true, "https://user:p%40ss@proxy:3128/": true, "socks5://127.0.0.1:1080": true,
		"socks5h://[::1]:1080": true, "proxy:3128": true, "proxy.example.com": true, "127.0.0.1:3128": true, "user:pass@proxy:3128": true,
		"http//proxy:3128": false, "http:/proxy:3128": false, "http:proxy:3128": false,
		"http://user:hunter2@proxy:port": false, "http://user:hunt er2@proxy:3128": false, "http://proxy:3128%": false,
		" http://proxy:3128": false, "http://": false, "http://:3128": false, ":3128": false, " ": false, "://proxy": false,
		"http://[::1": false, "ftp://proxy:21": false, "http://proxy\n": false,
	} {
		if isProxy(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
