package watch

import (
	"net/netip"
	"net/url"
	"strings"
)

// Unreachable returns the host of a callback URL if VOD, which posts from the internet, can't reach that. An endpoint that is not
// VOD's is an emulator's, which can. Else, and for what is no URL, it is empty.
func Unreachable(endpoint, callback string) string {
	of, err := url.Parse(endpoint)
	to, toErr := url.Parse(callback)
	if err != nil || toErr != nil || !strings.HasSuffix("."+strings.ToLower(of.Hostname()), ".tencentcloudapi.com") {
		return ""
	}
	host := strings.ToLower(strings.TrimSuffix(to.Hostname(), "."))
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap()
		if address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast() || address.IsUnspecified() {
			return host
		}
		return ""
	}
	for _, name := range []string{".localhost", ".local", ".internal"} {
		if host != "" && strings.HasSuffix("."+host, name) {
			return host
		}
	}
	return ""
}
