package sink_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/sink"
)

const uploadJSON = `{"EventHandle":"h1","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5285890784273533167"}}`

// nobody is an address at which nobody listens, on a port that no program gets by chance.
const nobody = "127.0.0.1:1"

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

// inMemory lets hook post to handler without sockets, as it must in a synctest bubble. The server must be closed before the
// bubble ends.
func inMemory(hook *sink.Webhook, handler http.HandlerFunc) *http.Server {
	network := pipe.Listen()
	hook.DialWith(network.Dial)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // only then does the server notice that its client leaves
			handler(w, r)
		}),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go server.Serve(network)
	return server
}

// asks reports whether err asks for a pause of d.
func asks(err error, d time.Duration) bool {
	pause, asked := worker.AskedPause(err)
	return asked && pause == d && !worker.IsPermanent(err)
}

// unreachable reports whether err says that no other event would have arrived either, and nothing else.
func unreachable(err error) bool {
	_, asked := worker.AskedPause(err)
	return worker.IsUnreachable(err) && !asked
}

// ordinary reports whether err says nothing but that another try may succeed, not even whose fault it is.
func ordinary(err error) bool {
	_, asked := worker.AskedPause(err)
	return err != nil && !asked && !worker.IsPermanent(err) && !worker.IsUnreachable(err)
}
