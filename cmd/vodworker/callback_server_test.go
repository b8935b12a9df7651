package main

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
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

func TestOnlyTheConfiguredPathIsServed(t *testing.T) {
	for path, want := range map[string]map[string]int{
		"/":          {"/": 200, "/vod": 200, "//x": 200},
		"/vod/x1y2z": {"/vod/x1y2z": 200, "/": 404, "/vod/x1y2z/": 404, "/VOD/x1y2z": 404, "//vod/x1y2z": 404},
	} {
		var log strings.Builder
		handler := atPath(path, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), zerolog.New(&log))
		refused := 0
		for target, status := range want {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://r"+target, nil))
			wantEqual(t, path+" asked for "+target, w.Code, status)
			if status == 404 {
				refused++
			}
		}
		wantEqual(t, "lines of log", strings.Count(log.String(), "not for callback.path"), refused)
		if strings.Contains(log.String(), "x1y2z") {
			t.Errorf("the log shows the path: %s", log.String())
		}
	}
}

func TestNoMoreConnectionsAreOpenThanThereArePlaces(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLimitedListener(inner, 2)
	accepted := make(chan net.Conn)
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			accepted <- conn
		}
	})
	for range 3 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Error("a third one was accepted")
	case <-time.After(10 * time.Millisecond): // that there is none can't be waited for
	}
	wantEqual(t, "places taken", len(l.places), 2)
	first.Close()
	first.Close() // leaves one place, not two
	third := <-accepted
	wantEqual(t, "places taken", len(l.places), 2)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	accepting.Wait() // it waited for a place
	second.Close()
	third.Close()
	wantEqual(t, "places taken", len(l.places), 0)
}

func TestCallbacksComeByHTTPS(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), "receiver.example.com", time.Now())
	made := config.Default()
	made.Callback.Listen = "127.0.0.1:0"
	made.Handlers = []config.Handler{{Name: "test"}}
	made.Callback.TLS.CertFile, made.Callback.TLS.KeyFile = certFile, keyFile
	handled := make(chan events.Event, 1)
	to := &outlets{handlers: []worker.Handler{{Name: "test", Handle: func(_ context.Context, e events.Event) error {
		handled <- e
		return nil
	}}}}
	server, err := listenForCallbacks(made, to, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.run(ctx) }()

	pool := x509.NewCertPool()
	content, err := os.ReadFile(certFile)
	if err != nil || !pool.AppendCertsFromPEM(content) {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "receiver.example.com"}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Post("https://"+server.listener.Addr().String(), "", strings.NewReader(`{"EventType":"X"}`))
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
}

// A listener that breaks ends the command, instead of leaving it deaf.
func TestAReceiverThatCannotListenAnyMoreEnds(t *testing.T) {
	made := config.Default()
	made.Callback.Listen = "127.0.0.1:0"
	made.Handlers = []config.Handler{{Name: "test"}}
	to := &outlets{handlers: []worker.Handler{{Name: "test", Handle: func(context.Context, events.Event) error { return nil }}}}
	server, err := listenForCallbacks(made, to, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	server.listener.Close()
	err = beside(t.Context(), server, func(ctx context.Context) error {
		<-ctx.Done() // a worker would stop
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "receive callbacks") {
		t.Errorf("got %v", err)
	}
}
