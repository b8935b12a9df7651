package forward

import (
	"strings"
	"testing"
)

func TestAStubIsAnywhereButAtTheVendors(t *testing.T) {
	for _, url := range []string{
		"http://localhost:9000", "https://127.0.0.1/vod/", "http://[::1]:9000/", "HTTP://stub.example./",
		"https://stub.example:8443/a%2Fb",
		"http://qcloud.com.example", "http://myqcloud.com.evil.example/", "http://notqcloud.com", "http://mytencentcloud.com",
		"http://tencentcloudapi.com.example/", "http://com", "http://stub.example/vod.tencentcloudapi.com",
	} {
		if _, err := To(url); err != nil {
			t.Errorf("%s is refused: %v", url, err)
		}
	}
	for _, url := range []string{
		"https://vod.tencentcloudapi.com", "https://vod.tencentcloudapi.com.cn/", "https://vod.ap-guangzhou.tencentcloudapi.com:443/x",
		"https://vod.intl.tencentcloudapi.com", "http://VOD.TencentCloudAPI.com", "http://vod.tencentcloudapi.com.",
		"http://vod.tencentcloudapi.com..:80", "http://tencentcloudapi.com", "http://vod.internal.tencentcloudapi.com",
		"http://vod.tencentcloudapi.woa.com", "http://vod.api.qcloud.com", "http://api.qcloud.com", "http://QCLOUD.com",
		"http://1.vod2.myqcloud.com/a.mp4", "http://myqcloud.com", "http://a.tencentcs.com", "http://a.tencentyun.com",
		"https://vod.tencent.com", "http://tencentcloudapi.cn",
		"http://1.vod-qcloud.com", "http://a.tencent-cloud.com", "http://a.tencent-cloud.cn", "http://www.tencentcloud.com",
	} {
		if _, err := To(url); err == nil || !strings.Contains(err.Error(), "must not leave this machine by mistake") {
			t.Errorf("%s: the error is %v", url, err)
		}
	}
}

func TestWhatIsNoURLOfAStub(t *testing.T) {
	for url, want := range map[string]string{
		"":                                     "an http or https URL with a host",
		"localhost:9000":                       "an http or https URL with a host",
		"//localhost:9000":                     "an http or https URL with a host",
		"http:localhost":                       "an http or https URL with a host",
		"http:///vod":                          "an http or https URL with a host",
		"http://:9000":                         "an http or https URL with a host",
		"ftp://localhost":                      "an http or https URL with a host",
		"unix:///run/stub":                     "an http or https URL with a host",
		"http://local host":                    "an http or https URL with a host",
		"http://vod%2Etencentcloudapi.com":     "an http or https URL with a host",
		"http://me:hunter2@localhost":          "no user name",
		"http://me@localhost":                  "no user name",
		"http://vod.tencentcloudapi.com@local": "no user name",
		"http://localhost?hunter2=1":           "no query",
		"http://localhost#hunter2":             "no fragment",
		"http://vod.tencentcloudapi。com":       "ASCII", // a full stop that browsers take for a dot
		"http://ｖod.tencentcloudapi.com":       "ASCII",
	} {
		_, err := To(url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error is %v, want %s", url, err, want)
		}
	}
}
