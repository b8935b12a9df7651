package tencent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// The environment variables that name credentials, as for all official SDKs.
const (
	EnvSecretID  = "TENCENTCLOUD_SECRET_ID"
	EnvSecretKey = "TENCENTCLOUD_SECRET_KEY"
	EnvToken     = "TENCENTCLOUD_TOKEN"            // of a temporary key; it has this name in tccli
	EnvProfile   = "TENCENTCLOUD_CREDENTIALS_FILE" // the path of a profile file

	envOtherToken = "TENCENTCLOUD_SECURITY_TOKEN" // the same in Terraform
)

// An absence is why credentials are not in one of the places where they could be.
type absence struct{ error }

// find returns the provider of the first place that has credentials, and these unless they are a role's. A provider
// that would always return the same is left out.
func (o KeyringOptions) find(ctx context.Context) (Provider, Credentials, error) {
	if o.Provider != nil {
		ctx, cancel := context.WithTimeout(ctx, refreshTime)
		defer cancel()
		first, err := o.Provider(ctx)
		return o.Provider, first, err
	}
	var absent []string
	for _, place := range []func(context.Context) (Provider, Credentials, error){
		fromEnvironment, fromProfile, o.fromTKE, o.fromCVM, // a pod's role is meant for it, its node's for all on the node
	} {
		provider, first, err := place(ctx)
		if err == nil {
			return provider, first, nil
		}
		if _, ok := errors.AsType[absence](err); !ok {
			return nil, Credentials{}, err
		}
		absent = append(absent, err.Error())
	}
	elsewhere := ""
	if o.Elsewhere != "" {
		elsewhere = ", or " + o.Elsewhere
	}
	return nil, Credentials{}, fmt.Errorf("no credentials: set %s and %s%s (%s)",
		EnvSecretID, EnvSecretKey, elsewhere, strings.Join(absent[1:], "; "))
}

// fromEnvironment fails if either variable is set, but both are not, or are empty; and if only a token is set.
func fromEnvironment(context.Context) (Provider, Credentials, error) {
	id, idSet := os.LookupEnv(EnvSecretID)
	key, keySet := os.LookupEnv(EnvSecretKey)
	token, tokenFrom, err := tokenInEnvironment()
	switch {
	case err != nil:
	case !idSet && !keySet && token != "":
		err = fmt.Errorf("%s is set, but %s and %s are not: set them too, or unset it", tokenFrom, EnvSecretID, EnvSecretKey)
	case !idSet && !keySet:
		err = absence{errors.New("no key in the environment")}
	case id == "" && key == "":
		err = fmt.Errorf("no credentials: %s and %s are set, but empty: fill them, or unset both", EnvSecretID, EnvSecretKey)
	case id == "":
		err = fmt.Errorf("%s is set, but %s is not", EnvSecretKey, EnvSecretID)
	case key == "":
		err = fmt.Errorf("%s is set, but %s is not", EnvSecretID, EnvSecretKey)
	}
	return nil, Credentials{
		SecretID: id, IDFrom: EnvSecretID, SecretKey: key, KeyFrom: EnvSecretKey, Token: token, TokenFrom: tokenFrom,
	}, err
}

// tokenInEnvironment returns the token and the variable that has it, or should have it. An empty one is none.
func tokenInEnvironment() (token, from string, err error) {
	token, other := os.Getenv(EnvToken), os.Getenv(envOtherToken)
	switch {
	case token == "" && other != "":
		return other, envOtherToken, nil
	case other != "" && other != token:
		return "", "", fmt.Errorf("%s and %s are both set, and differ: unset the one that is not of this key", EnvToken, envOtherToken)
	}
	return token, EnvToken, nil
}

const maxRoleAnswer = 64 << 10

// fetch sends a request of those that roles need, and returns the status and the body, which may hold a key. Its
// connection is not kept: the next request comes in an hour.
func fetch(transport http.RoundTripper, request *http.Request) (status int, body []byte, err error) {
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // none is expected, and a body may hold a token
	}}
	request.Close = true
	response, err := client.Do(request)
	if long, ok := errors.AsType[*url.Error](err); ok {
		return 0, nil, foreign{long.Err} // without the URL, which says nothing here
	}
	if err != nil {
		return 0, nil, foreign{err}
	}
	defer response.Body.Close()
	if encoded(response) {
		return 0, nil, errCompressed
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, maxRoleAnswer))
	if err != nil {
		return 0, nil, foreign{err}
	}
	return response.StatusCode, body, nil
}

// led says of a status that it is a redirect.
func led(status int) string {
	if isRedirect(status) {
		return ", a redirect, which is not followed: is there a proxy or a login page in between?"
	}
	return ""
}

// A foreign error may quote a stranger.
type foreign struct{ error }

func (f foreign) Error() string { return clean(f.error.Error()) }

func (f foreign) Unwrap() error { return f.error }
