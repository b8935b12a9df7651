package tencent

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
)

// The environment variables that credentials are taken from, as all official SDKs do.
const (
	EnvSecretID  = "TENCENTCLOUD_SECRET_ID"
	EnvSecretKey = "TENCENTCLOUD_SECRET_KEY"
)

// Credentials are an API key.
type Credentials struct {
	SecretID, SecretKey string

	// IDFrom and KeyFrom name the places where they were found, such as a variable. Errors tell the reader to look
	// there.
	IDFrom, KeyFrom string
}

// fromEnvironment fails if either variable is missing or empty.
func fromEnvironment() (*Credentials, error) {
	c := &Credentials{
		SecretID: os.Getenv(EnvSecretID), IDFrom: EnvSecretID,
		SecretKey: os.Getenv(EnvSecretKey), KeyFrom: EnvSecretKey,
	}
	switch {
	case c.SecretID == "" && c.SecretKey == "":
		return nil, fmt.Errorf("no credentials: set %s and %s, or vod.credentials in the configuration", EnvSecretID, EnvSecretKey)
	case c.SecretID == "":
		return nil, fmt.Errorf("%s is set, but %s is not", EnvSecretKey, EnvSecretID)
	case c.SecretKey == "":
		return nil, fmt.Errorf("%s is set, but %s is not", EnvSecretID, EnvSecretKey)
	}
	return c, nil
}

func (o Options) credentials() (*Credentials, error) {
	c := o.Credentials
	if c == nil {
		var err error
		if c, err = fromEnvironment(); err != nil {
			return nil, err
		}
	}
	if c.SecretID == "" || c.SecretKey == "" {
		return nil, errors.New("credentials need both a secret id and a secret key")
	}
	named := *c
	named.IDFrom = cmp.Or(c.IDFrom, "the secret id")
	named.KeyFrom = cmp.Or(c.KeyFrom, "the secret key")
	for value, from := range map[string]string{c.SecretID: named.IDFrom, c.SecretKey: named.KeyFrom} {
		if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, fmt.Errorf("%s holds white space or other characters that no key has, perhaps a line end: take them out", from)
		}
	}
	return &named, nil
}
