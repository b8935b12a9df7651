package main

import (
	"context"
	"net/http"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/tencent"
)

// rolesTransport carries calls to the metadata service and to STS. Tests, which must not leave their machine, replace it;
// nothing else can.
var rolesTransport http.RoundTripper

// keyring returns the credentials that all calls of a process share. The caller closes it.
func (c *Config) keyring(ctx context.Context, log zerolog.Logger) (*tencent.Keyring, error) {
	options := tencent.KeyringOptions{Log: log, Endpoint: c.VOD.Endpoint, CAFile: c.VOD.CAFile, Transport: rolesTransport}
	if c.VOD.Credentials != nil {
		options.Provider = c.VOD.Credentials.provide
	}
	return tencent.NewKeyring(ctx, options)
}

func (c *CredentialsConfig) provide(context.Context) (tencent.Credentials, error) {
	return tencent.Credentials{
		SecretID: c.SecretID, IDFrom: "vod.credentials.secret_id",
		SecretKey: c.SecretKey, KeyFrom: "vod.credentials.secret_key",
	}, nil
}
