package tencent

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/vodworker/vodworker/worker/internal/certificate"
)

// A transport looks at each answer before the SDK does (see [exchange]).
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
		return 0, errors.New("the answer has no usable Date")
	}
	middle := s.sent.Add(s.headers.Sub(s.sent) / 2)
	return date.Add(time.Second / 2).Sub(middle), nil
}

const (
	maxIdleConns = 128      // net/http keeps 2 for a host, and would dial anew for most calls
	maxHeaders   = 64 << 10 // bytes of an answer; net/http takes 10 MB
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

// cloneTransport returns net/http's transport, but for HTTP/2, whose one connection would be kept when it has gone
// silent: a time-out ends a stream of it, and an HTTP/1.1 connection as a whole. And small answers stay small.
func cloneTransport() *http.Transport {
	clone := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		clone = standard.Clone()
	}
	clone.Protocols = new(http.Protocols)
	clone.Protocols.SetHTTP1(true)
	if clone.TLSClientConfig != nil {
		clone.TLSClientConfig.NextProtos = nil // net/http has put HTTP/2 there
	}
	clone.DisableCompression = true
	clone.MaxResponseHeaderBytes = maxHeaders
	return clone
}

// ErrCAFile says that CAFile of [Options] can't be read, or holds no certificate.
var ErrCAFile = errors.New("the CA file can't be used")

func trusting(caFile string) (*x509.CertPool, error) {
	pool, err := certificate.Trusting(caFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCAFile, err)
	}
	return pool, nil
}

// RoundTrip makes one call. Its exchange is in the request's context.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	x, ok := request.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errors.New("a call that nobody has made")
	}
	x.sent = time.Now()
	response, err := t.base.RoundTrip(request)
	var body []byte
	if err == nil {
		defer func() { _ = response.Body.Close() }()
		x.headers = time.Now()
		t.last.Store(&stamp{date: response.Header.Get("Date"), sent: x.sent, headers: x.headers})
		body, err = x.take(response)
	}
	if err != nil {
		if _, refused := errors.AsType[*refusal](err); !refused {
			t.base.CloseIdleConnections() // what silenced or broke this one has met the others too
		}
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request, Body: io.NopCloser(bytes.NewReader(body)),
	}, nil
}
