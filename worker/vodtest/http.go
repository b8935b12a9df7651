package vodtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	version        = "2018-07-17"
	maxRequest     = 10 << 20 // bytes of a request's body, as API 3.0 allows
	maxQuery       = 32 << 10 // bytes
	badGatewayPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n" +
		"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr>\r\n</body>\r\n</html>\r\n"
)

// ServeHTTP is the endpoint: version 2018-07-17 of the actions PullEvents, ConfirmEvents, DescribeEventsState,
// DescribeEventConfig and ModifyEventConfig, on any path, by GET or POST, signed with TC3-HMAC-SHA256, HmacSHA256 or
// HmacSHA1. Errors have the status 200, as VOD's have. To break a connection it panics with [http.ErrAbortHandler],
// which an http.Server takes care of.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isCall(r) {
		e.explain(w, r)
		return
	}
	// All of the body is read before anything waits: only then does an http.Server notice that a client leaves.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	call := e.newCall(r.Header.Get("X-TC-Action"), 0)
	o := e.handle(r, call, body)
	e.observe(call, o.failure())
	w.Header().Set("Date", e.clock().UTC().Format(http.TimeFormat))
	o.write(w, call.RequestID)
}

// isCall tells calls from what a browser asks for, or somebody who looks what there is.
func isCall(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.RawQuery != "" || r.Header.Get("Authorization") != ""
}

// handle refuses a request or carries it out. The result is the members of the Response.
func (e *Emulator) handle(r *http.Request, call *Call, body []byte) outcome {
	p, err := e.check(r, call, body)
	if err != nil {
		if err := e.pause(r.Context(), e.cfg.RoundTrip); err != nil {
			return outcome{err: err}
		}
		return outcome{err: err}
	}
	return e.act(r.Context(), call, p)
}

// check checks everything about a request that does not depend on what is queued.
func (e *Emulator) check(r *http.Request, call *Call, body []byte) (params, error) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return nil, &APIError{"UnsupportedProtocol", "only GET and POST are supported"}
	case len(body) > maxRequest:
		return nil, &APIError{"RequestSizeLimitExceeded", "the request is larger than 10 MB"}
	case len(r.URL.RawQuery) > maxQuery:
		return nil, &APIError{"RequestSizeLimitExceeded", "the query is larger than 32 KB"}
	}
	form, asked, err := e.verify(r, call, body)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(knownActions(), call.Action) {
		return nil, &APIError{"InvalidAction", fmt.Sprintf("there is no action %q", call.Action)}
	}
	if asked != version {
		return nil, &APIError{"NoSuchVersion", "the version must be " + version}
	}
	p, err := readParams(r, form, body)
	if err != nil {
		return nil, err
	}
	if err := p.check(call.Action); err != nil {
		return nil, err
	}
	if err := p.read(subAppID, &call.SubAppID); err != nil {
		return nil, err
	}
	return p, p.read(eventHandles, &call.Handles)
}

// verify checks who calls, and notes the action. It returns the version that is asked for, and the parameters if the
// request is signed in the way of version 1.
func (e *Emulator) verify(r *http.Request, call *Call, body []byte) (form url.Values, version string, err error) {
	form, err = v1Form(r, body)
	switch {
	case err != nil:
		return nil, "", err
	case form != nil:
		call.Action = form.Get(v1Action)
		return form, form.Get(v1Version), e.authenticateV1(r, form, e.clock())
	default:
		return nil, r.Header.Get("X-TC-Version"), e.authenticate(r, body, e.clock())
	}
}

// act carries out the action.
func (e *Emulator) act(ctx context.Context, call *Call, p params) outcome {
	switch call.Action {
	case pullEvents:
		o := e.pull(ctx, call)
		o.result = e.eventSetMember(o.result)
		return o
	case confirmEvents:
		return e.confirm(ctx, call)
	case describeEventsState:
		return e.countWaiting(ctx, call)
	case modifyEventConfig:
		return e.modify(ctx, call, p)
	default:
		return e.describe(ctx, call)
	}
}

// eventSetMember returns the EventSet member of the Response, in the configured form if there is no event.
func (e *Emulator) eventSetMember(eventSet []byte) []byte {
	switch {
	case eventSet != nil:
	case e.cfg.Empty == EmptyNull:
		eventSet = []byte("null")
	case e.cfg.Empty == EmptyList:
		eventSet = []byte("[]")
	default:
		return nil
	}
	return append([]byte(`"EventSet":`), eventSet...)
}

// response returns the body of the answer.
func response(requestID string, o outcome) []byte {
	members := o.result
	if api, ok := errors.AsType[*APIError](o.err); ok {
		members = fmt.Appendf(nil, `"Error":{"Code":%s,"Message":%s}`, quote(api.Code), quote(api.Message))
	}
	body := []byte(`{"Response":{`)
	body = append(body, members...)
	if len(members) > 0 {
		body = append(body, ',')
	}
	return fmt.Appendf(body, `"RequestId":%q}}`, requestID)
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // there is nobody to tell if the client has left
}

// explain answers a browser.
func (e *Emulator) explain(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, "text/plain; charset=utf-8", fmt.Appendf(nil,
		`This is an emulator of Tencent Cloud VOD's event notifications. Point an official SDK at it:

  Endpoint  %s
  Scheme    HTTP
  SecretId  %s

It takes %s, version %s,
in requests that are signed with TC3-HMAC-SHA256, HmacSHA256 or HmacSHA1.
`, r.Host, e.cfg.SecretID, strings.Join(knownActions(), ", "), version))
}
