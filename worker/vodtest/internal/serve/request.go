// Package serve reads calls of API 3.0 from HTTP requests and writes their answers. What a call does it does not know.
package serve

import (
	"net/http"
	"net/url"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/param"
)

// What API 3.0 allows, in bytes.
const (
	MaxBody  = 10 << 20
	MaxQuery = 32 << 10
)

// IsCall tells calls, which are posted, signed or have a query, from what a browser asks for, or somebody who looks what there
// is.
func IsCall(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.RawQuery != "" || r.Header.Get("Authorization") != ""
}

// Check refuses a request that no call may be. Errors are [*api.Error].
func Check(r *http.Request, body []byte) error {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return api.Refuse("UnsupportedProtocol", "only GET and POST are supported")
	case len(body) > MaxBody:
		return api.Refuse("RequestSizeLimitExceeded", "the request is larger than 10 MB")
	case len(r.URL.RawQuery) > MaxQuery:
		return api.Refuse("RequestSizeLimitExceeded", "the query is larger than 32 KB")
	}
	return nil
}

// Parameters reads those of a request from where they are: in the form of version 1, if it has one, in the query of a GET, or
// in the JSON of a POST. Errors are [*api.Error].
func Parameters(r *http.Request, form url.Values, body []byte) (param.Object, error) {
	switch {
	case form != nil:
		return param.FromForm(form)
	case r.Method == http.MethodGet:
		return param.FromQuery(r.URL.RawQuery)
	default:
		return param.FromJSON(body)
	}
}
