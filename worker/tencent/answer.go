package tencent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// An exchange is one call, and what its answer says. It travels in the request's context, since the SDK offers no
// other way to its transport.
type exchange struct {
	action string
	hide   string // what was sent and must not be shown; may be empty

	sent     time.Time
	headers  time.Time // when those of the answer arrived
	answered bool      // as VOD does, and without an error

	requestID string
	response  []byte
	events    []events.Event // of PullEvents
}

type exchangeKey struct{}

// leased returns when the events' window began at the earliest.
func (x *exchange) leased() time.Time {
	if begun := x.headers.Add(-worker.HeadStart); begun.After(x.sent) {
		return begun
	}
	return x.sent
}

// A refusal is an API error. Its texts are fit to be shown, but for secrets.
type refusal struct{ code, message, requestID string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

// A badAnswer is one that VOD can't have given. No body is quoted: it may repeat what was sent.
type badAnswer struct {
	text, hint string
	status     int // if that is what is bad
}

func (b *badAnswer) Error() string { return b.text }

func bad(format string, args ...any) *badAnswer {
	return &badAnswer{text: fmt.Sprintf(format, args...), hint: "if it goes on: is {endpoint} the VOD API, or a proxy in between?"}
}

const (
	maxPulled    = 50 << 20 // bytes, VOD's own limit: with a smaller one the same 16 events would come for ever
	maxAnswer    = 1 << 20  // of the other actions, and of errors: they have some hundred
	maxRequestID = 128      // it has 36
)

// take reads an answer, and returns what the SDK is to see of it. It would parse all of it five times, follow what
// leads elsewhere, inflate what is packed, dereference null, fail all sixteen events for one mistyped field, and lose
// the content of types that it does not know.
func (x *exchange) take(response *http.Response) ([]byte, error) {
	status := response.StatusCode
	if isRedirect(status) {
		return nil, redirect(response)
	}
	if encoded(response) {
		return nil, errCompressed
	}
	limit := maxAnswer
	if x.action == actionPull && status == http.StatusOK {
		limit = maxPulled
	}
	body, err := readBody(response, limit)
	if err != nil {
		return nil, err
	}
	err = x.read(body)
	if _, refused := errors.AsType[*refusal](err); status != http.StatusOK && !refused {
		odd := bad("the answer has status %d", status)
		odd.status, err = status, odd
	}
	if err != nil {
		return nil, err
	}
	x.answered = true
	if x.action == actionPull {
		return []byte(`{"Response":{}}`), nil
	}
	return fmt.Appendf(nil, `{"Response":%s}`, x.response), nil
}

// redirect says where an answer leads, but not all of it: a query may be a secret.
func redirect(response *http.Response) error {
	to := "elsewhere"
	if u, err := url.Parse(response.Header.Get("Location")); err == nil && u.Host != "" {
		to = "to " + clean(u.Scheme+"://"+u.Host)
	}
	return &badAnswer{text: fmt.Sprintf("the answer, with status %d, leads %s, and is not followed", response.StatusCode, to),
		hint: "look at {endpoint}: is it the VOD API, or a proxy in between?"}
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }

var errCompressed = bad("the answer is compressed, which was not asked for")

func encoded(response *http.Response) bool {
	return strings.Join(response.Header.Values("Content-Encoding"), "") != ""
}

func readBody(response *http.Response, limit int) ([]byte, error) {
	var body bytes.Buffer
	if n := response.ContentLength; n > 0 && n <= int64(limit) {
		body.Grow(int(n) + bytes.MinRead) // so that ReadFrom need not grow it again
	}
	if _, err := body.ReadFrom(io.LimitReader(response.Body, int64(limit)+1)); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if body.Len() > limit {
		return nil, bad("the answer is larger than %d MB", limit>>20)
	}
	return body.Bytes(), nil
}

// read takes what the answer in a body says. It fails with a refusal or a badAnswer.
func (x *exchange) read(body []byte) error {
	if !valid(body) {
		return bad("the answer is not JSON")
	}
	top := gjson.ParseBytes(body)
	if !top.IsObject() {
		return bad("the answer is no JSON object")
	}
	response, err := only(top, "Response")
	switch {
	case err != nil:
		return err
	case !response["Response"].Exists():
		return oldRefusal(top)
	case !response["Response"].IsObject():
		return bad("the answer has a Response that is no object")
	}
	return x.readResponse(body, response["Response"])
}

func (x *exchange) readResponse(body []byte, response gjson.Result) error {
	said, err := only(response, "Error", "RequestId", "EventSet")
	if err != nil {
		return err
	}
	requestID := said["RequestId"].Str // empty if it is no string
	x.response = body[response.Index : response.Index+len(response.Raw)]
	x.requestID = clean(requestID)
	switch failure := said["Error"]; {
	case failure.Type != gjson.Null: // or absent
		return refused(failure, x.requestID)
	case x.requestID == "" || len(requestID) > maxRequestID:
		return bad("the answer has no usable RequestId")
	case x.action == actionPull:
		return x.takeEvents(body, said["EventSet"])
	}
	return nil
}

// only returns the members of an object that have these names. Of two it is not known which one counts, and the SDK would
// take them in other letters too.
func only(object gjson.Result, names ...string) (found map[string]gjson.Result, err error) {
	found = make(map[string]gjson.Result, len(names))
	object.ForEach(func(key, value gjson.Result) bool {
		for _, name := range names {
			if !strings.EqualFold(key.Str, name) {
				continue
			}
			if found[name].Exists() || key.Str != name {
				err = bad("the answer has %s twice, or in other letters", name)
			}
			found[name] = value
		}
		return err == nil
	})
	return found, err
}

// refused reads an Error. The SDK would take one without a code for success.
func refused(failure gjson.Result, requestID string) error {
	if code := failure.Get("Code"); failure.IsObject() && code.Type == gjson.String && clean(code.Str) != "" {
		return &refusal{code.Str, failure.Get("Message").Str, requestID}
	}
	return bad("the answer has an Error without a code")
}

// oldRefusal reads an error in the form that the API had before there was a Response, as the SDK does too.
func oldRefusal(top gjson.Result) error {
	if code := top.Get("code"); code.Type == gjson.Number && code.Num != 0 {
		if name := top.Get("codeDesc").Str; clean(name) != "" {
			return &refusal{name, top.Get("message").Str, ""}
		}
	}
	return bad("the answer has no Response")
}

// takeEvents takes the first of an EventSet. What is more than VOD hands out at once is left: it comes again.
func (x *exchange) takeEvents(body []byte, set gjson.Result) error {
	if set.Type == gjson.Null { // or absent
		return nil
	}
	if !set.IsArray() {
		return bad("the answer has an EventSet that is no list")
	}
	for event := range events.Each(body[set.Index : set.Index+len(set.Raw)]) {
		if len(x.events) == worker.MaxBatch {
			x.response = fmt.Appendf(nil, `{"EventSet":[%s],"RequestId":%q}`, joined(x.events), x.requestID)
			break
		}
		x.events = append(x.events, event)
	}
	return nil
}

func joined(set []events.Event) []byte {
	raws := make([][]byte, len(set))
	for i, event := range set {
		raws[i] = event.Raw
	}
	return bytes.Join(raws, []byte(","))
}

// valid reports whether body is JSON, as encoding/json has it, nested up to 10,000 deep. gjson is four times as fast, but
// recurses without an end: so it gets only what can't be nested deeper.
func valid(body []byte) bool {
	const deep = 10_000
	if bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > deep {
		return json.Valid(body)
	}
	return gjson.ValidBytes(body)
}
