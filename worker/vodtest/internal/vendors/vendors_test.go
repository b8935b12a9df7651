package vendors

import (
	"strings"
	"testing"
)

func TestTheHostsThatItStandsInFor(t *testing.T) {
	for _, host := range []string{
		"vod.tencentcloudapi.com", "VOD.TencentCloudAPI.com", "vod.tencentcloudapi.com.:443", "vod.intl.tencentcloudapi.com",
		"vod.ap-guangzhou.tencentcloudapi.com", "vod.na-ashburn.tencentcloudapi.com",
	} {
		if !IsAPI(host) {
			t.Errorf("%s is not taken for a host of VOD's API", host)
		}
	}
	for _, host := range []string{
		"", "tencentcloudapi.com", "cvm.tencentcloudapi.com", "x.vod.tencentcloudapi.com", "vod.mars.tencentcloudapi.com",
		"vod.tencentcloudapi.com.evil.example", "vod.tencentcloudapi.com:x", "evilvod.tencentcloudapi.com",
	} {
		if IsAPI(host) {
			t.Errorf("%s is taken for a host of VOD's API", host)
		}
	}
}

func TestABucketIsAHostOfTheStorage(t *testing.T) {
	bucket, region, ok := Bucket("0123-Abc.COS.ap-Guangzhou.myqcloud.com.:443")
	if bucket != "0123-abc" || region != "ap-guangzhou" || !ok {
		t.Errorf("got %q, %q, %v", bucket, region, ok)
	}
	longest := strings.Repeat("a", 63)
	if got, _, _ := Bucket(longest + ".cos.ap-guangzhou.myqcloud.com"); got != longest {
		t.Errorf("the longest name is read as %q", got)
	}
	for _, host := range []string{
		"", "cos.ap-guangzhou.myqcloud.com", ".cos.ap-guangzhou.myqcloud.com", "a.b.cos.ap-guangzhou.myqcloud.com",
		"a.cos.mars.myqcloud.com", "a.cos.ap-guangzhou.myqcloud.com.evil.example", "a.cos.ap-guangzhou.evil.example",
		"*.cos.ap-guangzhou.myqcloud.com", "u@b.cos.ap-guangzhou.myqcloud.com", "é.cos.ap-guangzhou.myqcloud.com",
		"a/b.cos.ap-guangzhou.myqcloud.com", "-a.cos.ap-guangzhou.myqcloud.com", "a\n.cos.ap-guangzhou.myqcloud.com",
		longest + "a.cos.ap-guangzhou.myqcloud.com",
		"a.file.myqcloud.com", "a.cos.ap-guangzhou.myqcloud.com:x",
	} {
		if _, _, ok := Bucket(host); ok {
			t.Errorf("%q is taken for a bucket", host)
		}
	}
}
