package sink_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

const uploadJSON = `{"EventHandle":"h1","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5285890784273533167"}}`

// event returns the event that a worker makes of content.
func event(content string) events.Event {
	split := events.Split([]byte("[" + content + "]"))
	if len(split) != 1 {
		panic("not one event: " + content)
	}
	return split[0]
}

// newWebhook returns a webhook that is closed when the test ends.
func newWebhook(t *testing.T, opts sink.WebhookOptions) *sink.Webhook {
	t.Helper()
	hook, err := sink.NewWebhook(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hook.Close() })
	return hook
}

// serve runs handler on a local port.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// A bubbleServer is an HTTP server without sockets, as a synctest bubble needs it. It must be closed before the
// bubble ends.
type bubbleServer struct {
	http.Server
	conns  chan net.Conn
	closed chan struct{}
}

func newBubbleServer(handler http.HandlerFunc) *bubbleServer {
	s := &bubbleServer{conns: make(chan net.Conn), closed: make(chan struct{})}
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then does the server notice that its client leaves
		handler(w, r)
	})
	return s
}

func (s *bubbleServer) start(hook *sink.Webhook) {
	hook.DialWith(s.dial)
	go s.Serve(s)
}

func (s *bubbleServer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case s.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *bubbleServer) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *bubbleServer) Addr() net.Addr { return &net.TCPAddr{} }

func (s *bubbleServer) Close() error {
	select {
	case <-s.closed:
		return nil
	default:
		close(s.closed) // the listener; Serve closes it once more
	}
	return s.Server.Close()
}

// permanent reports whether err is what worker.Permanent returns.
func permanent(err error) bool {
	return err != nil && reflect.DeepEqual(err, worker.Permanent(errors.Unwrap(err)))
}

// retryAfter reports whether err is what worker.RetryAfter returns for d.
func retryAfter(err error, d time.Duration) bool {
	return err != nil && reflect.DeepEqual(err, worker.RetryAfter(d, errors.Unwrap(err)))
}

// ordinary reports whether err is neither.
func ordinary(err error) bool {
	if err == nil {
		return false
	}
	for _, marked := range []error{worker.Permanent(err), worker.RetryAfter(0, err)} {
		if reflect.TypeOf(err) == reflect.TypeOf(marked) {
			return false
		}
	}
	return true
}
