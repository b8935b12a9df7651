package config

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
)

// vodHost matches VOD's own endpoint. Any other host may be an emulator's.
var vodHost = regexp.MustCompile(`^(.*\.)?tencentcloudapi\.(com|cn|com\.cn)$`)

// isVOD reports whether an endpoint is VOD's own.
func isVOD(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && vodHost.MatchString(strings.ToLower(u.Hostname()))
}

func (c *Config) validateEndpoint() {
	const key = "vod.endpoint"
	if problem := badEndpoint(c.VOD.Endpoint); problem != "" {
		c.bad(key, "%s", problem)
	}
}

// badEndpoint says what is wrong with an endpoint. It does not quote it: there may be a password in it.
func badEndpoint(endpoint string) string {
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "":
		return "it is empty; write " + DefaultEndpoint
	case !strings.Contains(endpoint, "://"):
		return "the scheme is missing; write https:// in front, or http:// for an emulator"
	case err != nil && strings.Contains(err.Error(), "port"):
		return "the port is no number; write one such as http://127.0.0.1:9266"
	case err != nil, u.Hostname() == "":
		return "it is no URL; write one such as " + DefaultEndpoint
	case u.Scheme != "http" && u.Scheme != "https":
		return "the scheme must be http or https; write " + DefaultEndpoint
	case u.User != nil:
		return "it has a user name in it; write only scheme and host, and the key under vod.credentials"
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "it has more than a scheme and a host; omit the rest"
	}
	return badHost(strings.ToLower(u.Hostname()))
}

// badHost finds a host that is nearly VOD's.
func badHost(host string) string {
	region, isRegion := strings.CutPrefix(strings.TrimSuffix(host, ".tencentcloudapi.com"), "vod.")
	switch {
	case host == "vod.tencentcloudapi.com", host == "vod.intl.tencentcloudapi.com":
		return ""
	case vodHost.MatchString(host) && !strings.HasPrefix(host, "vod."):
		return "this is not the API of VOD; write " + DefaultEndpoint
	case vodHost.MatchString(host) && isRegion:
		if near, edits := nearestName(region, regions); edits > 0 && edits <= 2 {
			return "there is no such region; the nearest is " + near
		}
		return ""
	}
	for _, name := range []string{"vod.tencentcloudapi.com", "vod.intl.tencentcloudapi.com"} {
		if edits := nearest.Distance(host, name); edits > 0 && edits <= 4 {
			return "this is nearly the host of VOD; write https://" + name
		}
	}
	if strings.HasSuffix(host, ".qcloud.com") {
		return "this is a host of the old API, which has no such calls; write " + DefaultEndpoint
	}
	return ""
}

// regions are those of Tencent Cloud, to find a misspelt one. One that is newer is taken as it is.
var regions = strings.Fields(`intl internal ap-bangkok ap-beijing ap-chengdu ap-chongqing ap-guangzhou ap-hongkong ap-jakarta
	ap-mumbai ap-nanjing ap-seoul ap-shanghai ap-shanghai-fsi ap-shenzhen-fsi ap-singapore ap-tokyo eu-frankfurt
	na-ashburn na-siliconvalley na-toronto sa-saopaulo`)
