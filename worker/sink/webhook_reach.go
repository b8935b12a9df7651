package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// String returns the URL without what may be a secret in it: scheme and host.
func (w *Webhook) String() string { return w.name }

// Reach connects to where Handle would post, with TLS if it is https, and closes the connection: nothing is posted. If there
// is a proxy in between, that is what it connects to. It takes 11 s at most. Its errors wrap [ErrUnreached].
func (w *Webhook) Reach(ctx context.Context) (found string, err error) {
	if err := w.connect(ctx); err != nil {
		if advice := w.opts.advice(err); advice != "" {
			return "", fmt.Errorf("%w: %w%s", ErrUnreached, err, advice)
		}
		return "", fmt.Errorf("%w: %w: is it running, and may this machine connect to it?", ErrUnreached, err)
	}
	return w.name + " can be reached; nothing was posted", nil
}

func (w *Webhook) connect(ctx context.Context) error {
	target := w.url
	proxy, err := w.transport.Proxy(&http.Request{URL: w.url})
	switch {
	case err != nil: // it may quote a password
		return errors.New("the proxy that the environment names is not a URL: look at HTTP_PROXY and HTTPS_PROXY")
	case proxy != nil:
		target = proxy
	}
	conn, err := w.transport.DialContext(ctx, "tcp", address(target))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", w.name, err)
	}
	defer func() { _ = conn.Close() }()
	if target.Scheme != "https" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, tlsTimeout)
	defer cancel()
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if w.transport.TLSClientConfig != nil {
		config = w.transport.TLSClientConfig.Clone()
	}
	config.ServerName = target.Hostname()
	if err := shakeHands(ctx, conn, config); err != nil {
		return fmt.Errorf("connect to %s: %w", w.name, err)
	}
	return nil
}

// refusalTime is how long the other side has to refuse a client certificate: in TLS 1.3 it does so after the handshake.
const refusalTime = time.Second

func shakeHands(ctx context.Context, conn net.Conn, config *tls.Config) error {
	asked, certificate := false, config.GetClientCertificate
	config.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		if certificate == nil {
			return new(tls.Certificate), nil
		}
		return certificate(info)
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil || !asked {
		return err
	}
	if err := secured.SetReadDeadline(time.Now().Add(refusalTime)); err != nil {
		return err
	}
	if _, err := secured.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil // it waits for the post
}

var defaultPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
