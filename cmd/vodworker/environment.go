package main

import (
	"errors"
	"os"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/proxy"
	"github.com/vodworker/vodworker/worker/tencent"
)

// plainVariables are what Go reads itself. It passes over a NO_PROXY or an SSL_CERT_FILE that makes no sense, and calls then fail for
// another reason.
var plainVariables = []string{
	"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
}

// checkEnvironment fails if something stands around a variable's value that is hardly a part of it, or if a proxy is none.
func checkEnvironment() error {
	for _, name := range plainVariables {
		value := os.Getenv(name)
		if strings.EqualFold(name, "NO_PROXY") {
			value = strings.TrimSpace(value) // as Go does
		}
		if odd := config.OddVariable(name, value); odd != "" {
			return errors.New(odd)
		}
	}
	return proxy.Check()
}

// secretsOf returns what programs must not get into the log, from wherever they have it: what is secret in the configuration, the
// key of the environment, and who logs in to a proxy.
func secretsOf(config *config.Config) []string {
	all := config.Secrets()
	for _, name := range []string{tencent.EnvSecretID, tencent.EnvSecretKey, tencent.EnvToken} {
		all = append(all, os.Getenv(name))
	}
	return append(all, proxy.Secrets()...)
}
