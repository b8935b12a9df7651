// Package sign says who calls the API, and for what. It takes the two kinds of signatures that API 3.0 takes: that with
// TC3-HMAC-SHA256, in headers, and that of version 1, with HmacSHA256 or HmacSHA1, among the parameters.
package sign

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A Request is what a request says of itself. Nothing of it is to be believed before Check.
type Request struct {
	Action  string
	Version string // of the API

	// Form is the parameters of the action, if the request is signed in the way of version 1. Otherwise it is nil.
	Form url.Values

	http *http.Request
	body []byte
	v1   url.Values // all that are in the request, with those of the signature; nil if Form is
}

// A KeyRing returns the key that the owner of a SecretId signs with, if the token lets them use it now.
type KeyRing func(secretID, token string) (secretKey string, err error)

// Read finds out how a request is signed, if it is, and what for. Its error is an [*api.Error].
func Read(r *http.Request, body []byte) (*Request, error) {
	form, err := v1Form(r, body)
	if err != nil {
		return nil, err
	}
	if form == nil {
		return &Request{Action: r.Header.Get("X-TC-Action"), Version: r.Header.Get("X-TC-Version"), http: r, body: body}, nil
	}
	return &Request{
		Action: form.Get(v1Action), Version: form.Get(v1Version), Form: withoutCommon(form), http: r, body: body, v1: form,
	}, nil
}

// Check returns an [*api.Error] unless the request is signed, and was within five minutes of now, by whom it says.
// An error of keys is returned as it is.
func (q *Request) Check(now time.Time, keys KeyRing) error {
	if q.v1 != nil {
		return q.checkV1(now, keys)
	}
	return q.checkTC3(now, keys)
}

var errMismatch = api.Refuse("AuthFailure.SignatureFailure", "the signature is not that of this request with this SecretId's key")

const maxSkew = 300 * time.Second // between the client's clock and ours

// checkTimestamp returns the time at which the client says it signed, if that is not too far from now.
func checkTimestamp(timestamp string, now time.Time) (time.Time, error) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return time.Time{}, api.Refuse("AuthFailure.InvalidAuthorization", "the timestamp must be a UNIX time in seconds")
	}
	signed := time.Unix(seconds, 0).UTC()
	if signed.Before(now.Add(-maxSkew)) || signed.After(now.Add(maxSkew)) {
		return time.Time{}, api.Refuse("AuthFailure.SignatureExpire", "the timestamp is more than 5 minutes off")
	}
	return signed, nil
}
