package tencent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// metadata is where a CVM learns which role it has, and gets its credentials. The SDK's provider is not used: it
// waits without a limit, and leaks connections.
const metadata = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"

// fromCVM asks the metadata service for a role.
func (o KeyringOptions) fromCVM(ctx context.Context) (Provider, Credentials, error) {
	transport := o.Transport
	if transport == nil {
		transport = direct()
	}
	c := &cvm{transport}
	ctx, cancel := context.WithTimeoutCause(ctx, discoverTime, fmt.Errorf("no answer for %v", discoverTime))
	defer cancel()
	if _, err := c.role(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, Credentials{}, absence{fmt.Errorf("no CVM role: %w", err)}
	}
	return c.credentials, Credentials{}, nil
}

// direct returns a transport without a proxy: what a proxy reaches is not this machine's.
func direct() *http.Transport {
	transport := cloneTransport()
	transport.Proxy = nil
	return transport
}

type cvm struct{ transport http.RoundTripper }

var roleName = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)

func (c *cvm) role(ctx context.Context) (string, error) {
	name, err := c.get(ctx, "")
	if err != nil {
		return "", err
	}
	if !roleName.Match(name) {
		return "", errors.New("what answers at metadata.tencentyun.com names no role")
	}
	return string(name), nil
}

// credentials are those of the role that the CVM has now.
func (c *cvm) credentials(ctx context.Context) (Credentials, error) {
	role, err := c.role(ctx)
	if err != nil {
		return Credentials{}, fmt.Errorf("the role of this CVM: %w", err)
	}
	from := "the CVM role " + role
	body, err := c.get(ctx, role)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", from, err)
	}
	var answer struct {
		TmpSecretID  string `json:"TmpSecretId"`
		TmpSecretKey string
		Token        string
		ExpiredTime  int64
		Code         string
	}
	err = json.Unmarshal(body, &answer)
	switch {
	case err == nil && answer.Code != "" && answer.Code != "Success":
		return Credentials{}, fmt.Errorf("%s: the metadata service answers %s", from, clean(answer.Code))
	case err != nil, answer.TmpSecretID == "", answer.TmpSecretKey == "", answer.Token == "", answer.ExpiredTime <= 0:
		return Credentials{}, fmt.Errorf("%s: the metadata service answers without credentials", from) // what it says may hold half a key
	}
	return Credentials{
		SecretID: answer.TmpSecretID, SecretKey: answer.TmpSecretKey, Token: answer.Token,
		Ends: time.Unix(answer.ExpiredTime, 0), IDFrom: from, KeyFrom: from, TokenFrom: from,
	}, nil
}

func (c *cvm) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metadata+path, nil)
	if err != nil {
		return nil, err
	}
	status, body, err := fetch(c.transport, request)
	switch {
	case err != nil:
		return nil, fmt.Errorf("ask the metadata service: %w", err)
	case status == http.StatusNotFound:
		return nil, errors.New("none is bound to this machine")
	case status != http.StatusOK:
		return nil, fmt.Errorf("the metadata service answers with status %d%s", status, led(status))
	}
	return body, nil
}
