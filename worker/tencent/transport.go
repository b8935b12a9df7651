package tencent

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A transport reads the events out of PullEvents answers before the SDK sees them. The SDK would parse the
// whole answer five times, fail all sixteen events for one mistyped field, and lose the content of types that it
// does not know. So it is given an answer without events; API errors and all other bodies pass through as they are.
type transport struct {
	base *http.Transport
	last atomic.Pointer[stamp] // of the last answer
}

// A stamp is what one answer tells about the server's clock.
type stamp struct {
	date    string // its header of that name
	sent    time.Time
	headers time.Time
}

// ahead returns how far the server's clock is ahead. Date has whole seconds, rounded down: half of one is added.
func (s *stamp) ahead() (time.Duration, error) {
	date, err := http.ParseTime(s.date)
	if err != nil {
		return 0, fmt.Errorf("the answer has no usable Date: %w", err)
	}
	middle := s.sent.Add(s.headers.Sub(s.sent) / 2)
	return date.Add(time.Second / 2).Sub(middle), nil
}

// A pullCall is what the transport learns from one PullEvents call. It travels in the request's context, since the
// SDK offers no other way to its transport.
type pullCall struct {
	read     bool // the answer was one
	response []byte
	events   []events.Event
	sent     time.Time
	headers  time.Time // when those of the answer arrived
}

type pullKey struct{}

// leased returns when the events' window began at the earliest.
func (c *pullCall) leased() time.Time {
	if begun := c.headers.Add(-worker.HeadStart); begun.After(c.sent) {
		return begun
	}
	return c.sent
}

const (
	maxAnswer    = 50 << 20 // the API's own limit
	maxIdleConns = 128      // net/http keeps 2 for a host, and would dial anew for most calls
)

func newTransport(caFile string) (*transport, error) {
	base := cloneTransport()
	base.MaxIdleConns = maxIdleConns
	base.MaxIdleConnsPerHost = maxIdleConns
	if caFile != "" {
		pool, err := trusting(caFile)
		if err != nil {
			return nil, err
		}
		base.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &transport{base: base}, nil
}

func cloneTransport() *http.Transport {
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		return standard.Clone()
	}
	return &http.Transport{}
}

func trusting(caFile string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA file %s holds no PEM certificate", caFile)
	}
	return pool, nil
}

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := time.Now()
	response, err := t.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	seen := &stamp{date: response.Header.Get("Date"), sent: sent, headers: time.Now()}
	t.last.Store(seen)
	call, pulling := request.Context().Value(pullKey{}).(*pullCall)
	if pulling {
		call.sent, call.headers = seen.sent, seen.headers
	}
	body, err := readAnswer(response)
	if err != nil {
		return nil, err
	}
	if pulling && response.StatusCode == http.StatusOK {
		body = call.take(body)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func readAnswer(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	var body bytes.Buffer
	if n := response.ContentLength; n > 0 && n <= maxAnswer {
		body.Grow(int(n) + bytes.MinRead) // so that ReadFrom need not grow it again
	}
	if _, err := body.ReadFrom(io.LimitReader(response.Body, maxAnswer+1)); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if body.Len() > maxAnswer {
		return nil, errors.New("read answer: it is larger than 50 MB")
	}
	return body.Bytes(), nil
}

// take keeps the events of an answer and returns what is left of it. A body that is not such an answer is returned
// unchanged.
func (c *pullCall) take(body []byte) []byte {
	if !valid(body) {
		return body
	}
	response := gjson.GetBytes(body, "Response")
	if !response.IsObject() || response.Get("Error").Exists() {
		return body
	}
	c.read = true
	c.response = body[response.Index : response.Index+len(response.Raw)]
	if set := response.Get("EventSet"); set.IsArray() {
		c.events = events.Split(body[set.Index : set.Index+len(set.Raw)])
	}
	return []byte(`{"Response":{}}`)
}

// valid reports whether body is JSON. gjson is four times as fast as encoding/json, but recurses: a body with
// millions of brackets would exhaust the stack.
func valid(body []byte) bool {
	const deep = 100_000
	if bytes.Count(body, []byte("[")) > deep || bytes.Count(body, []byte("{")) > deep {
		return json.Valid(body)
	}
	return gjson.ValidBytes(body)
}
