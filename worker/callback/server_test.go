package callback_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/callback"
)

func TestOnlyTheConfiguredPathIsServed(t *testing.T) {
	for path, want := range map[string]map[string]int{
		"/": {"POST /": 200, "POST /vod": 200, "POST //x": 200, "GET /": 200, "GET /readyz": 404, "HEAD /vod": 404},
		"/vod/x1y2z": {"POST /vod/x1y2z": 200, "POST /": 404, "POST /vod/x1y2z/": 404, "POST /VOD/x1y2z": 404, "POST //vod/x1y2z": 404,
			"GET /vod/x1y2z": 200, "GET /": 404},
	} {
		var log strings.Builder
		handler := callback.AtPath(path, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), zerolog.New(&log))
		refused := 0
		for request, status := range want {
			method, target, _ := strings.Cut(request, " ")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(method, "http://r"+target, nil))
			wantEqual(t, path+" asked for "+request, w.Code, status)
			if status == 404 && method == "POST" {
				refused++
			}
		}
		wantEqual(t, "lines of log", strings.Count(log.String(), "not for the path"), refused)
		if strings.Contains(log.String(), "x1y2z") {
			t.Errorf("the log shows the path: %s", log.String())
		}
	}
}

// server is one that hands events to handle, on a port of this machine.
func server(t *testing.T, handle func(context.Context, events.Event) error, opts callback.ServerOptions) *callback.Server {
	t.Helper()
	receiver, err := callback.New(handler(handle), nil)
	if err != nil {
		t.Fatal(err)
	}
	opts.Listen = "127.0.0.1:0"
	s, err := callback.Listen(receiver, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCallbacksComeByHTTPS(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), "receiver.example.com", time.Now())
	handled := make(chan events.Event, 1)
	var log lockedBuffer
	s := server(t, func(_ context.Context, e events.Event) error {
		handled <- e
		return nil
	}, callback.ServerOptions{CertFile: certFile, KeyFile: keyFile, Log: zerolog.New(&log)})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()

	pool := x509.NewCertPool()
	content, err := os.ReadFile(certFile)
	if err != nil || !pool.AppendCertsFromPEM(content) {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "receiver.example.com"}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Post("https://"+s.Addr().String(), "", strings.NewReader(`{"EventType":"X"}`))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	wantEqual(t, "status", response.StatusCode, 200)
	wantEqual(t, "protocol", response.Proto, "HTTP/1.1")
	wantEqual(t, "type", (<-handled).Type, "X")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	wantEqual(t, "lines of log", strings.Count(log.String(), `"tls":true,"message":"receiving callbacks"`), 1)
}

// Who connects while handlers finish is refused at once: it may find another process.
func TestAServerThatStopsAcceptsNoMore(t *testing.T) {
	running, finish := make(chan struct{}), make(chan struct{})
	s := server(t, func(context.Context, events.Event) error {
		close(running)
		<-finish
		return nil
	}, callback.ServerOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	ended, answered := make(chan error, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	go func() {
		response, err := http.Post("http://"+s.Addr().String(), "", strings.NewReader(uploaded("1")))
		if err == nil {
			response.Body.Close()
		}
		answered <- err
	}()
	<-running
	cancel()
	for until := time.Now().Add(10 * time.Second); ; { // that it has closed its listener can't be waited for
		conn, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
		if time.Now().After(until) {
			t.Error("it still accepts connections")
			break
		}
	}
	close(finish)
	if err := errors.Join(<-answered, <-ended); err != nil {
		t.Error(err)
	}
}

// A listener that breaks ends the program, instead of leaving it deaf.
func TestAServerThatCannotListenAnyMoreEnds(t *testing.T) {
	s := server(t, succeed, callback.ServerOptions{})
	s.BreakListener()
	if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "receive callbacks") {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatIsNotToRunClosesWhatItOpened(t *testing.T) {
	s := server(t, succeed, callback.ServerOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", s.Addr().String()); err == nil {
		conn.Close()
		t.Error("somebody listens")
	}
}

func TestWhatCannotBeServedIsToldBefore(t *testing.T) {
	taken := server(t, succeed, callback.ServerOptions{})
	defer taken.BreakListener()
	receiver, err := callback.New(handler(succeed), nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, opts := range map[string]callback.ServerOptions{
		"an address to listen on":               {},
		"begin with /":                          {Listen: "127.0.0.1:0", Path: "vod"},
		"must not be negative":                  {Listen: "127.0.0.1:0", Grace: -1},
		"certificate: stat":                     {Listen: "127.0.0.1:0", CertFile: "none.pem", KeyFile: "none.pem"},
		"certificate: a certificate needs both": {Listen: "127.0.0.1:0", CertFile: "none.pem"},
		"address already in use":                {Listen: taken.Addr().String()},
	} {
		if _, err := callback.Listen(receiver, opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
