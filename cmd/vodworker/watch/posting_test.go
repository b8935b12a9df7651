package watch

import "testing"

func TestVODReachesNoPrivateAddress(t *testing.T) {
	const vod = "https://vod.tencentcloudapi.com"
	for callback, want := range map[string]string{
		"http://127.0.0.1:8080/vod": "127.0.0.1", "http://[::1]/": "::1", "http://[::ffff:10.0.0.1]/": "::ffff:10.0.0.1",
		"https://localhost": "localhost", "http://LOCALHOST.:80": "localhost", "http://a.localhost": "a.localhost",
		"http://10.1.2.3": "10.1.2.3", "http://172.16.0.1": "172.16.0.1", "http://172.31.255.1": "172.31.255.1",
		"http://192.168.1.1": "192.168.1.1", "http://169.254.1.1": "169.254.1.1", "http://[fe80::1]": "fe80::1",
		"http://[fd00::1]": "fd00::1", "http://0.0.0.0:80": "0.0.0.0", "http://nas.local": "nas.local",
		"http://vod.corp.internal": "vod.corp.internal",

		"": "", "::": "", "example.com": "", "https://example.com": "", "http://172.32.0.1": "", "http://11.0.0.1": "",
		"http://local.example.com": "", "http://notlocal": "",
	} {
		if got := Unreachable(vod, callback); got != want {
			t.Errorf("%s: got %q, want %q", callback, got, want)
		}
		if got := Unreachable("http://127.0.0.1:9266", callback); got != "" {
			t.Errorf("%s: an emulator is said not to reach %q", callback, got)
		}
	}
	if Unreachable("https://vod.ap-guangzhou.tencentcloudapi.com", "http://localhost") == "" {
		t.Error("a region's endpoint is not VOD's")
	}
}
