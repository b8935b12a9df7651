package sink

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
)

// DialWith makes w connect by dial, so that it can run in a synctest bubble.
func (w *Webhook) DialWith(dial func(ctx context.Context, network, addr string) (net.Conn, error)) {
	w.transport.DialContext = dial
}

// Dial returns what w connects by.
func (w *Webhook) Dial() func(ctx context.Context, network, addr string) (net.Conn, error) {
	return w.transport.DialContext
}

// Trust makes w take the certificate for a good one.
func (w *Webhook) Trust(certificate *x509.Certificate) {
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	w.transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// ProxyWith makes w ask proxy instead of the environment.
func (w *Webhook) ProxyWith(proxy func(*http.Request) (*url.URL, error)) { w.transport.Proxy = proxy }

// Answered is what Handle makes of a 2xx answer with that body.
func (w *Webhook) Answered(ctx context.Context, status int, body []byte) error {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}
	return w.accept(ctx, read(resp), w.keys.now(ctx))
}

// AnswerWith makes answers take the place of connections.
func (w *Webhook) AnswerWith(answers http.RoundTripper) { w.client.Transport = answers }
