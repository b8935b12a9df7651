package sink_test

import (
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
)

// listenOnce returns an address, and what the first connection to it brings until it is closed.
func listenOnce(t *testing.T) (addr string, sent <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	all := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			all <- err.Error()
			return
		}
		defer conn.Close()
		text, _ := io.ReadAll(conn)
		all <- string(text)
	}()
	return listener.Addr().String(), all
}

func TestReachConnectsAndPostsNothing(t *testing.T) {
	addr, sent := listenOnce(t)
	hook := newWebhook(t, sink.WebhookOptions{URL: "http://user:hunter2@" + addr + "/vod?t=hunter2"})
	found, err := hook.Reach(t.Context())
	if want := "http://" + addr + "/… can be reached; nothing was posted"; err != nil || found != want {
		t.Errorf("found %q, %v; want %q", found, err, want)
	}
	if text := <-sent; text != "" {
		t.Errorf("it sent %q", text)
	}
	if got, want := hook.String(), "http://"+addr+"/…"; got != want {
		t.Errorf("it calls itself %s, want %s", got, want)
	}
}

func TestReachTellsWhatIsInTheWay(t *testing.T) {
	_, err := newWebhook(t, sink.WebhookOptions{URL: "http://user:hunter2@" + nobody + "/vod?t=hunter2"}).Reach(t.Context())
	if !errors.Is(err, syscall.ECONNREFUSED) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("nobody listens: %v", err)
	}
	begin, end := "not reached: connect to http://"+nobody+"/…: ", ": is it running, and may this machine connect to it?"
	if text := err.Error(); !strings.HasPrefix(text, begin) || !strings.HasSuffix(text, end) {
		t.Errorf("nobody listens: %v, want %s…%s", err, begin, end)
	}
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(untrusted.Close)
	_, err = newWebhook(t, sink.WebhookOptions{URL: untrusted.URL}).Reach(t.Context())
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
		t.Errorf("an untrusted certificate: %v", err)
	}
	trusting := newWebhook(t, sink.WebhookOptions{URL: untrusted.URL})
	trusting.Trust(untrusted.Certificate())
	if _, err := trusting.Reach(t.Context()); err != nil {
		t.Errorf("a trusted certificate: %v", err)
	}
}

func TestReachConnectsToTheProxy(t *testing.T) {
	addr, sent := listenOnce(t)
	hook := newWebhook(t, sink.WebhookOptions{URL: "https://backend.invalid/vod"})
	hook.ProxyWith(func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Host: addr}, nil })
	if _, err := hook.Reach(t.Context()); err != nil {
		t.Error(err)
	}
	if text := <-sent; text != "" {
		t.Errorf("it sent %q", text)
	}
	hook.ProxyWith(func(*http.Request) (*url.URL, error) { return nil, errors.New("parse http://u:hunter2@: no host") })
	_, err := hook.Reach(t.Context())
	want := "not reached: the proxy that the environment names is not a URL: look at HTTP_PROXY and HTTPS_PROXY: " +
		"is it running, and may this machine connect to it?"
	if err == nil || err.Error() != want {
		t.Errorf("a proxy that is no URL: %v, want %s", err, want)
	}
}
