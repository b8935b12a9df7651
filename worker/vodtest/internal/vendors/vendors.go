// Package vendors knows the hosts of the vendor: those that this stands in for, and those that it must keep away from. A host
// may have a port, and be written in any way that [weburl.Host] reads.
package vendors

import (
	"regexp"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// regions are those that have a VOD API, or storage, of their own.
var regions = []string{
	"ap-bangkok", "ap-beijing", "ap-chengdu", "ap-chongqing", "ap-guangzhou", "ap-hongkong", "ap-jakarta", "ap-mumbai",
	"ap-nanjing", "ap-seoul", "ap-shanghai", "ap-singapore", "ap-tokyo", "eu-frankfurt", "eu-moscow", "na-ashburn",
	"na-siliconvalley", "na-toronto", "sa-saopaulo",
}

// IsRegion tells the regions in which there is storage.
func IsRegion(name string) bool { return slices.Contains(regions, name) }

// Emulated returns the domains that the emulator stands in for: those of VOD's API, each of which is a host, and those of its
// storage, in each of which a bucket is a host. They are not to be changed.
func Emulated() (hosts, storage []string) { return apiHosts, storageDomains }

var apiHosts, storageDomains = emulated() // which are looked up at each request

func emulated() (hosts, storage []string) {
	hosts = []string{"vod.tencentcloudapi.com", "vod.intl.tencentcloudapi.com"}
	for _, region := range regions {
		hosts = append(hosts, "vod."+region+".tencentcloudapi.com")
		storage = append(storage, "cos."+region+".myqcloud.com")
	}
	return hosts, storage
}

// IsAPI tells the hosts of VOD's API.
func IsAPI(host string) bool { return slices.Contains(apiHosts, weburl.Host(host)) }

// bucketName is what is one part of a host.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Bucket reads a host of the storage, such as 1500000001-1234.cos.ap-guangzhou.myqcloud.com.
func Bucket(host string) (bucket, region string, ok bool) {
	bucket, rest, ok := strings.Cut(weburl.Host(host), ".cos.")
	region, isStorage := strings.CutSuffix(rest, ".myqcloud.com")
	if !ok || !isStorage || !bucketName.MatchString(bucket) || !IsRegion(region) {
		return "", "", false
	}
	return bucket, region, true
}

// domains are where VOD is, and what belongs to it.
var domains = []string{
	"tencentcloudapi.com", "tencentcloudapi.com.cn", "tencentcloudapi.cn", "tencentcloudapi.woa.com", "tencent.com",
	"tencentcloud.com", "tencent-cloud.com", "tencent-cloud.cn",
	"qcloud.com", "myqcloud.com", "vod-qcloud.com", "tencentcs.com", "tencentyun.com",
}

// IsVendors tells all hosts of the vendor, however they are written in ASCII.
func IsVendors(host string) bool {
	host = weburl.Host(host)
	return slices.ContainsFunc(domains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}
