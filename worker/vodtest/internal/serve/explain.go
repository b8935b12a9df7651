package serve

import (
	"fmt"
	"net/http"
	"strings"
)

// Explain answers what is no call: it says what this is, and how to call it.
func Explain(w http.ResponseWriter, r *http.Request, secretID, version string, actions []string) {
	scheme := "HTTP"
	if r.TLS != nil {
		scheme = "HTTPS"
	}
	text := fmt.Appendf(nil, explanation, r.Host, scheme, secretID, version, strings.Join(actions, "\n  "))
	Answer{http.StatusOK, "text/plain; charset=utf-8", text}.Write(w)
}

const explanation = `This is an emulator of Tencent Cloud VOD. Point an official SDK at it:

  Endpoint  %s
  Scheme    %s
  SecretId  %s

It takes, in requests that are signed with TC3-HMAC-SHA256, HmacSHA256 or HmacSHA1,
of version %s the actions

  %s
`
