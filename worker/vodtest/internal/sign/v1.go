package sign

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// The parameters of each request that is signed in the way of version 1, which has no headers of its own.
const (
	v1Action    = "Action"
	v1Version   = "Version"
	v1Timestamp = "Timestamp"
	v1Nonce     = "Nonce"
	v1SecretID  = "SecretId"
	v1Token     = "Token"
	v1Method    = "SignatureMethod"
	v1Signature = "Signature"
)

// v1Common are all of them. They belong to no action.
var v1Common = []string{
	v1Action, v1Version, v1Timestamp, v1Nonce, v1SecretID, v1Token, v1Method, v1Signature,
	"Region", "Language", "RequestClient",
}

// v1Form returns the parameters of a request in the way of version 1: those of the query of a GET, and of the form
// of a POST. It returns nil for a request that is not signed that way.
func v1Form(r *http.Request, body []byte) (url.Values, error) {
	text := r.URL.RawQuery
	if r.Method == http.MethodPost {
		text = string(body)
	}
	if r.Header.Get("Authorization") != "" || !strings.Contains(text, v1Signature) && !strings.Contains(text, v1SecretID) {
		return nil, nil
	}
	form, err := url.ParseQuery(text)
	if !form.Has(v1Signature) && !form.Has(v1SecretID) {
		return nil, nil
	}
	if err != nil {
		return nil, api.Refuse("InvalidParameter", "the parameters cannot be read: %v", err)
	}
	return form, nil
}

// withoutCommon returns the parameters that belong to the action.
func withoutCommon(form url.Values) url.Values {
	form = maps.Clone(form)
	for _, name := range v1Common {
		form.Del(name)
	}
	return form
}

// checkV1 checks the HmacSHA1 or HmacSHA256 signature of a request.
func (q *Request) checkV1(now time.Time, keys KeyRing) error {
	form := q.v1
	for _, name := range []string{v1SecretID, v1Timestamp, v1Nonce, v1Signature} {
		if form.Get(name) == "" {
			return api.Refuse("MissingParameter", "the request has no %s", name)
		}
	}
	if _, err := checkTimestamp(form.Get(v1Timestamp), now); err != nil {
		return err
	}
	secretKey, err := keys(form.Get(v1SecretID), form.Get(v1Token))
	if err != nil {
		return err
	}
	var newHash func() hash.Hash
	switch method := form.Get(v1Method); method {
	case "HmacSHA256":
		newHash = sha256.New
	case "HmacSHA1", "":
		newHash = sha1.New
	default:
		return api.Refuse("AuthFailure.SignatureFailure", "SignatureMethod is %q; it must be HmacSHA1 or HmacSHA256", method)
	}
	mac := hmac.New(newHash, []byte(secretKey))
	mac.Write([]byte(v1Text(q.http, form)))
	signature, err := base64.StdEncoding.DecodeString(form.Get(v1Signature))
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
		return errMismatch
	}
	return nil
}

// v1Text rebuilds what the client signed: all parameters but the signature, by name, as they were before encoding.
func v1Text(r *http.Request, form url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name != v1Signature {
			pairs = append(pairs, name+"="+form.Get(name))
		}
	}
	return r.Method + r.Host + r.URL.Path + "?" + strings.Join(pairs, "&")
}
