package forward

import (
	"errors"
	"fmt"
	"strings"
)

// vendors are the domains where VOD is, and what belongs to it.
var vendors = []string{
	"tencentcloudapi.com", "tencentcloudapi.com.cn", "tencentcloudapi.cn", "tencentcloudapi.woa.com", "tencent.com",
	"tencentcloud.com", "tencent-cloud.com", "tencent-cloud.cn",
	"qcloud.com", "myqcloud.com", "vod-qcloud.com", "tencentcs.com", "tencentyun.com",
}

// checkHost refuses the vendor's hosts, however they are written.
func checkHost(host string) error {
	for _, r := range host {
		if r >= 0x80 { // some of which stand for ASCII letters and dots
			return errors.New("its host must be in ASCII: write xn--… for other letters")
		}
	}
	host = strings.ToLower(strings.TrimRight(host, "."))
	for _, vendor := range vendors {
		if host == vendor || strings.HasSuffix(host, "."+vendor) {
			return fmt.Errorf("its host, %s, is the vendor's: a request for a real account must not leave this machine by mistake", host)
		}
	}
	return nil
}
