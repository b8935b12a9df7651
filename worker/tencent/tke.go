package tencent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// A tke is a pod of a TKE cluster, as the cluster describes it in the environment. It trades the pod's web identity
// token for the credentials of a role. The SDK's provider is not used: it ignores contexts, and its errors may hold
// the answer.
type tke struct {
	transport                        http.RoundTripper
	endpoint                         string // of STS
	region, provider, role, identity string // identity is the path of the token
}

const (
	roleLife    = 2 * time.Hour // what the SDK asks for
	stsVersion  = "2018-08-13"
	stsAction   = "AssumeRoleWithWebIdentity"
	sessionName = "vodworker"
)

// fromTKE takes it that a pod has a role if the role or its token is named.
func (o KeyringOptions) fromTKE(context.Context) (Provider, Credentials, error) {
	p := &tke{transport: o.Transport, endpoint: stsBeside(o.Endpoint)}
	var missing []string
	variables := map[string]*string{
		"TKE_REGION": &p.region, "TKE_PROVIDER_ID": &p.provider,
		"TKE_ROLE_ARN": &p.role, "TKE_WEB_IDENTITY_TOKEN_FILE": &p.identity,
	}
	for _, name := range []string{"TKE_REGION", "TKE_PROVIDER_ID", "TKE_ROLE_ARN", "TKE_WEB_IDENTITY_TOKEN_FILE"} {
		if *variables[name] = os.Getenv(name); *variables[name] == "" {
			missing = append(missing, name)
		}
	}
	switch {
	case p.role == "" && p.identity == "":
		return nil, Credentials{}, absence{errors.New("no TKE role: TKE_ROLE_ARN is not set")}
	case len(missing) > 0:
		return nil, Credentials{}, fmt.Errorf("the role of this TKE pod also needs %s, which the cluster sets", strings.Join(missing, ", "))
	}
	if p.transport == nil {
		transport, err := newTransport(o.CAFile)
		if err != nil {
			return nil, Credentials{}, err
		}
		p.transport = transport.base
	}
	return p.credentials, Credentials{}, nil
}

// stsBeside returns the STS of the site, or of the internal network, that an endpoint of VOD belongs to.
func stsBeside(endpoint string) string {
	if u, err := parseEndpoint(endpoint); err == nil {
		if site, ok := strings.CutPrefix(u.Host, "vod."); ok && strings.HasSuffix(u.Host, ".tencentcloudapi.com") {
			return "https://sts." + site
		}
	}
	return "https://sts.tencentcloudapi.com"
}

func (p *tke) credentials(ctx context.Context) (Credentials, error) {
	got, err := p.assume(ctx)
	if err != nil {
		return Credentials{}, fmt.Errorf("the TKE role %s: %w", p.role, err)
	}
	got.IDFrom = "the TKE role " + p.role
	got.KeyFrom, got.TokenFrom = got.IDFrom, got.IDFrom
	return got, nil
}

func (p *tke) assume(ctx context.Context) (Credentials, error) {
	identity, err := os.ReadFile(p.identity) // each time: the cluster replaces it
	if err != nil {
		return Credentials{}, fmt.Errorf("read the web identity token: %w", err)
	}
	token := strings.TrimSpace(string(identity))
	if token == "" {
		return Credentials{}, fmt.Errorf("read the web identity token: %s is empty", p.identity)
	}
	status, body, err := p.post(ctx, token)
	if err != nil {
		return Credentials{}, fmt.Errorf("ask STS: %w", err)
	}
	var answer struct {
		Response struct {
			Credentials struct {
				Token        string
				TmpSecretID  string `json:"TmpSecretId"`
				TmpSecretKey string
			}
			ExpiredTime int64
			Error       *struct{ Code, Message string }
			RequestID   string `json:"RequestId"`
		}
	}
	err = json.Unmarshal(body, &answer)
	response := &answer.Response
	switch {
	case err == nil && response.Error != nil:
		message := clean(strings.ReplaceAll(response.Error.Message, token, "…"))
		return Credentials{}, &stsError{clean(response.Error.Code) + ": " + message, clean(response.RequestID)}
	case err != nil, status != http.StatusOK, response.Credentials.TmpSecretID == "", response.Credentials.TmpSecretKey == "",
		response.Credentials.Token == "", response.ExpiredTime <= 0:
		// What it says may hold half a key.
		return Credentials{}, fmt.Errorf("STS answers with status %d and without credentials%s", status, led(status))
	}
	return Credentials{
		SecretID: response.Credentials.TmpSecretID, SecretKey: response.Credentials.TmpSecretKey,
		Token: response.Credentials.Token, Ends: time.Unix(response.ExpiredTime, 0),
	}, nil
}

// An stsError is a refusal by STS. Its RequestId stands beside it, as that of an [Error] does.
type stsError struct{ text, request string }

func (e *stsError) Error() string   { return "STS answers " + e.text }
func (e *stsError) Request() string { return e.request }

// post calls STS. The call is not signed: the token in it speaks for itself.
func (p *tke) post(ctx context.Context, token string) (status int, answer []byte, err error) {
	body, err := json.Marshal(map[string]any{
		"ProviderId":       p.provider,
		"WebIdentityToken": token,
		"RoleArn":          p.role,
		"RoleSessionName":  sessionName,
		"DurationSeconds":  int(roleLife.Seconds()),
	})
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, value := range map[string]string{
		"Authorization":  "SKIP",
		"Content-Type":   "application/json",
		"X-TC-Action":    stsAction,
		"X-TC-Language":  language,
		"X-TC-Region":    p.region,
		"X-TC-Timestamp": strconv.FormatInt(time.Now().Unix(), 10),
		"X-TC-Version":   stsVersion,
	} {
		request.Header.Set(name, value)
	}
	return fetch(p.transport, request)
}
