package config

import (
	"regexp"
	"strings"
)

func (c *Config) validateAdmin() {
	admin := c.Admin
	if problem := badListen(admin.Listen, ":9464", ""); problem != "" {
		c.bad("admin.listen", "%s", problem)
	}
	switch {
	case admin.Listen == "":
	case admin.Listen == c.Callback.Listen && !strings.HasSuffix(admin.Listen, ":0"):
		c.bad("admin.listen", "callback.listen is the same address, and strangers may reach that; write another, such as %s", DefaultAdmin)
	case admin.Pprof && admin.Token == "":
		c.bad("admin.pprof", "profiles are shown only for a token; give admin.token_file, or take the key out")
	}
	switch {
	case admin.Token == "":
	case !visible.MatchString(admin.Token):
		c.bad("admin.token", "only letters, digits and signs of ASCII can be sent as a token; write others")
	case len(admin.Token) < shortToken:
		c.warn("admin.token", "it has fewer than %d characters, and whoever reaches admin.listen can try them; make one with "+
			"openssl rand -hex 16", shortToken)
	}
}

const shortToken = 16 // characters

var visible = regexp.MustCompile(`^[!-~]+$`)
