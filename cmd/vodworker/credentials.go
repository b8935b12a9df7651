package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/tencent"
)

// CredentialsConfig is an API key. Its files are read again when the API refuses what was in them.
type CredentialsConfig struct {
	SecretID      string `yaml:"secret_id"`
	SecretIDFile  string `yaml:"secret_id_file"`
	SecretKey     string `yaml:"secret_key"`
	SecretKeyFile string `yaml:"secret_key_file"`
	Token         string `yaml:"token"`
	TokenFile     string `yaml:"token_file"`
}

func (c *CredentialsConfig) validate() error {
	if c != nil && (c.SecretID == "" || c.SecretKey == "") {
		return errors.New("vod.credentials needs both secret_id and secret_key, and neither may be empty; leave credentials away to have them looked for elsewhere")
	}
	return nil
}

// rolesTransport carries calls to the metadata service and to STS. Tests, which must not leave their machine, replace it;
// nothing else can.
var rolesTransport http.RoundTripper

// keyring returns the credentials that all calls of a process share. The caller closes it.
func (c *Config) keyring(ctx context.Context, log zerolog.Logger) (*tencent.Keyring, error) {
	options := tencent.KeyringOptions{
		Log: log, Endpoint: c.VOD.Endpoint, CAFile: c.VOD.CAFile, Transport: rolesTransport,
		Elsewhere: "vod.credentials in the configuration",
	}
	if c.VOD.Credentials != nil {
		options.Provider = c.VOD.Credentials.provide
	}
	return tencent.NewKeyring(ctx, options)
}

func (c *CredentialsConfig) provide(context.Context) (tencent.Credentials, error) {
	found := tencent.Credentials{
		SecretID: c.SecretID, IDFrom: "vod.credentials.secret_id",
		SecretKey: c.SecretKey, KeyFrom: "vod.credentials.secret_key",
		Token: c.Token,
	}
	read := func(file string, value, from *string) (err error) {
		if file != "" {
			*from += "_file " + file
			*value, err = readSecret(file)
		}
		return err
	}
	var tokenFrom string
	err := errors.Join(
		read(c.SecretIDFile, &found.SecretID, &found.IDFrom),
		read(c.SecretKeyFile, &found.SecretKey, &found.KeyFrom),
		read(c.TokenFile, &found.Token, &tokenFrom),
	)
	return found, err
}
