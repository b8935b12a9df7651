package main

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/tencent"
)

// keyring returns the credentials that all calls of a process share. The caller closes it.
func (a *app) keyring(ctx context.Context, config *config.Config, log zerolog.Logger) (*tencent.Keyring, error) {
	options := tencent.KeyringOptions{
		Log: log, Endpoint: config.VOD.Endpoint, CAFile: config.VOD.CAFile, Transport: a.roles,
		Elsewhere: "vod.credentials in the configuration",
	}
	if config.VOD.Credentials != nil {
		options.Provider = func(context.Context) (tencent.Credentials, error) { return readCredentials(config.VOD.Credentials) }
	}
	return tencent.NewKeyring(ctx, options)
}

// readCredentials returns the configured key, of which files are read again: they may have changed since the API took what was
// in them.
func readCredentials(c *config.Credentials) (tencent.Credentials, error) {
	found := tencent.Credentials{
		SecretID: c.SecretID, IDFrom: "vod.credentials.secret_id",
		SecretKey: c.SecretKey, KeyFrom: "vod.credentials.secret_key",
		Token: c.Token, TokenFrom: "vod.credentials.token",
	}
	read := func(file string, value, from *string) (err error) {
		if file != "" {
			*from += "_file " + file
			*value, err = readSecret(file)
		}
		return err
	}
	err := errors.Join(
		read(c.SecretIDFile, &found.SecretID, &found.IDFrom),
		read(c.SecretKeyFile, &found.SecretKey, &found.KeyFrom),
		read(c.TokenFile, &found.Token, &found.TokenFrom),
	)
	return found, err
}
