package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func (c *Config) validateCallback() {
	if problem := badListen(c.Callback.Listen, ":8080", ", and the path into callback.path"); problem != "" {
		c.bad("callback.listen", "%s", problem)
	}
	switch path := c.Callback.Path; {
	case strings.Contains(path, "://"):
		c.bad("callback.path", "it is the path of the URL alone; write it without scheme and host, such as /vod")
	case !strings.HasPrefix(path, "/"):
		c.bad("callback.path", "it must begin with a slash; write / or /vod")
	case strings.ContainsAny(path, "?# %"):
		c.bad("callback.path", "a path has no ?, #, %% or space in it; write one such as /vod")
	}
	switch tls := c.Callback.TLS; {
	case tls.CertFile != "" && tls.KeyFile == "":
		c.bad("callback.tls.key_file", "it is missing; name the file of the certificate's key too")
	case tls.CertFile == "" && tls.KeyFile != "":
		c.bad("callback.tls.cert_file", "it is missing; name the file of the certificate too")
	}
	c.validateSignKeys()
}

func (c *Config) validateSignKeys() {
	keys, key := c.Callback.SignKeys, "callback.sign_keys"
	if c.Callback.SignKey != "" && len(keys) > 0 {
		c.bad("callback.sign_key", "callback.sign_keys is given too; omit one of them")
		return
	}
	if c.Callback.SignKey != "" {
		keys, key = c.Callback.Keys(), "callback.sign_key"
	}
	for i, one := range keys {
		at := key
		if c.Callback.SignKey == "" {
			at = fmt.Sprintf("%s[%d]", key, i)
		}
		switch {
		case i == 2, i == 1 && keys[0] == one:
			c.bad(at, "VOD has one key; a second one is for the time while it is being changed, and must be another")
			return
		case one == "":
			c.bad(at, "it is empty; write the key, or take the entry out")
		case !signKey.MatchString(one):
			c.bad(at, "VOD's keys are of up to 32 letters and digits; copy the SignKey of the console")
		}
	}
}

var signKey = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

// badListen says what is wrong with an address to listen on, where usual is one; path says where paths go. Whether its host is this
// machine, only listening tells.
func badListen(address, usual, path string) string {
	colon := strings.LastIndexByte(address, ':')
	host, port := address[:max(colon, 0)], address[colon+1:]
	n, err := strconv.ParseUint(port, 10, 64)
	switch {
	case address == "":
		return ""
	case strings.Contains(address, "://"):
		return "it is an address, not a URL; write " + usual + " or 127.0.0.1" + usual
	case strings.Contains(address, "/"):
		return "it has a path; write only the address here, such as " + usual + path
	case colon < 0 && err == nil:
		return "the colon in front of the port is missing; write :" + port
	case colon < 0:
		return "the port is missing; write one behind it, such as " + usual
	case strings.ContainsRune(host, ':') && !strings.HasPrefix(host, "["):
		return "an IPv6 address stands in brackets; write one such as [::1]" + usual
	case err != nil || n > 65535:
		return "the port must be a number from 0 to 65535; write one such as " + usual
	case hasSpace(host):
		return "there is a space in the address; write one such as " + usual
	}
	return ""
}
