package callback_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/callback"
)

// VOD gives up after three tries, and says nothing: only the receiver can tell that the URL has the wrong scheme.
func TestAPostWithTheWrongSchemeIsToldAndCounted(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), "receiver.example.com", time.Now())
	for scheme, test := range map[string]struct {
		options callback.ServerOptions
		want    string
	}{
		"https": {callback.ServerOptions{},
			"TLS was spoken where http is expected: set callback.tls, or write http:// in the callback URL"},
		"http": {callback.ServerOptions{CertFile: certFile, KeyFile: keyFile},
			"http was spoken where TLS is expected: omit callback.tls, or write https:// in the callback URL"},
	} {
		receiver, err := callback.New(handler(succeed), nil)
		if err != nil {
			t.Fatal(err)
		}
		var log lockedBuffer
		test.options.Listen, test.options.Log = "127.0.0.1:0", log.logger()
		s, err := callback.Listen(receiver, test.options)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		response, err := client.Post(scheme+"://"+s.Addr().String(), "", strings.NewReader(uploaded("1")))
		if err == nil {
			response.Body.Close()
		}
		client.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		wantEqual(t, scheme+": broken", receiver.Status().Broken, 1)
		wantEqual(t, scheme+": lines", strings.Count(log.String(), `"from":"127.0.0.1:`), 1)
		if !strings.Contains(log.String(), test.want) {
			t.Errorf("%s: %s", scheme, log.String())
		}
	}
}

// A probe connects every few seconds, and says nothing: nor does the log.
func TestWhoLeavesWithoutAWordIsNoWarning(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), "receiver.example.com", time.Now())
	var log lockedBuffer
	s := server(t, succeed, callback.ServerOptions{CertFile: certFile, KeyFile: keyFile, Log: log.logger()})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	conn, err := net.DialTCP("tcp", nil, s.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, conn) // until the server has seen it
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	wantEqual(t, "debug lines", strings.Count(log.String(), `{"level":"debug","error":"http: TLS handshake error from`), 1)
}
