package sink_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
)

func TestWebhookIsASink(t *testing.T) {
	for name, opts := range map[string]sink.WebhookOptions{
		"callback":           {},
		"cloudevents":        {Format: sink.FormatCloudEvents},
		"cloudevents-binary": {Format: sink.FormatCloudEventsBinary},
		"success":            {Success: codeIsZero, Headers: map[string]string{"X-Token": "k3y-of-ours"}},
	} {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) sinktest.Harness {
				r := newReceiver(t)
				opts.URL, opts.Secret = secretURL("http://"+r.addr), signing
				hook := newWebhook(t, opts)
				failure := 503
				if opts.Success != nil {
					failure = 200
				}
				return sinktest.Harness{
					Sink: hook, Arrived: r.arrived, HasIDs: true, Secrets: secrets,
					Refuse: func() (over func()) { return r.answers(func(w http.ResponseWriter) { w.WriteHeader(400) }) },
					Fail:   func() (over func()) { return r.answers(func(w http.ResponseWriter) { w.WriteHeader(failure) }) },
					Pause: func(d time.Duration) (over func()) {
						return r.answers(func(w http.ResponseWriter) {
							w.Header().Set("Retry-After", fmt.Sprint(d.Seconds()))
							w.WriteHeader(failure)
						})
					},
					Hang: func() (over func()) {
						hang := make(chan struct{})
						fine := r.answers(func(w http.ResponseWriter) { <-hang; w.WriteHeader(500) })
						return func() { fine(); close(hang) }
					},
					Leave: func() (over func()) {
						r.leave()
						return r.listen
					},
					Traces: r.traces,
					Held:   r.held,
				}
			})
		})
	}
}

// A receiver is an HTTP server that keeps what it takes, and tells all that it was sent when it takes nothing.
type receiver struct {
	t        *testing.T
	addr     string
	listener net.Listener
	server   *http.Server

	mu      sync.Mutex
	changed *sync.Cond // conns
	conns   int        // that are open
	posts   int
	taken   []sinktest.Arrival
	answer  func(http.ResponseWriter) // nil: it takes what comes
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, addr: "127.0.0.1:0"}
	r.changed = sync.NewCond(&r.mu)
	r.listen()
	t.Cleanup(func() { r.leave() })
	return r
}

// listen runs the server, at the same address each time.
func (r *receiver) listen() {
	listener, err := net.Listen("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.addr, r.listener = listener.Addr().String(), listener
	r.server = &http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0), ConnState: r.count}
	go r.server.Serve(listener)
}

// leave closes the listener too: a server does so later if it is closed before its goroutine has begun to serve.
func (r *receiver) leave() { r.listener.Close(); r.server.Close() }

func (r *receiver) count(_ net.Conn, state http.ConnState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch state {
	case http.StateNew:
		r.conns++
	case http.StateClosed:
		r.conns--
	}
	r.changed.Broadcast()
}

// held waits for what is being closed.
func (r *receiver) held() (int, error) {
	patient := true
	timer := time.AfterFunc(5*time.Second, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		patient = false
		r.changed.Broadcast()
	})
	defer timer.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.conns > 0 && patient {
		r.changed.Wait()
	}
	return r.conns, nil
}

func (r *receiver) answers(how func(http.ResponseWriter)) (over func()) {
	set := func(how func(http.ResponseWriter)) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answer = how
	}
	set(how)
	return func() { set(nil) }
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	r.posts++
	answer := r.answer
	if answer == nil {
		r.taken = append(r.taken, sinktest.Arrival{ID: req.Header.Get("webhook-id"), Body: eventIn(req.Header, body)})
	}
	r.mu.Unlock()
	if answer == nil {
		io.WriteString(w, `{"code":0}`)
	} else {
		answer(w)
		name, pass, _ := req.BasicAuth() // as error pages do
		fmt.Fprintln(w, req.URL.RawQuery, req.URL.Query(), req.Header, name, pass, url.QueryEscape(pass), signing)
	}
}

// eventIn returns the bytes of the event, of which a CloudEvent in structured mode has some around it.
func eventIn(header http.Header, body []byte) []byte {
	if header.Get("Content-Type") != "application/cloudevents+json" {
		return body
	}
	return []byte(gjson.GetBytes(body, "data").Raw)
}

func (r *receiver) arrived() ([]sinktest.Arrival, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]sinktest.Arrival(nil), r.taken...), nil
}

func (r *receiver) traces() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("%d posts", r.posts), nil
}
