package sink_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// writePair writes a certificate, which is its own authority, and its key.
func writePair(t *testing.T, dir string, ends, written time.Time) (certFile, keyFile string, cert *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(ends.Unix()), NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, certErr := x509.ParseCertificate(der)
	keyDER, keyErr := x509.MarshalPKCS8PrivateKey(key)
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	err = errors.Join(certErr, keyErr, writePEM(certFile, "CERTIFICATE", der), writePEM(keyFile, "PRIVATE KEY", keyDER),
		os.Chtimes(certFile, written, written), os.Chtimes(keyFile, written, written))
	if err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile, cert
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// serveTLS runs a receiver with a certificate that the system does not trust, and returns a file with it. It takes one client
// certificate, if there is one.
func serveTLS(t *testing.T, version uint16, takes *x509.Certificate, handler http.Handler) (url, caFile string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MaxVersion: version}
	if takes != nil {
		server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		server.TLS.ClientCAs.AddCert(takes)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := writePEM(caFile, "CERTIFICATE", server.Certificate().Raw); err != nil {
		t.Fatal(err)
	}
	return server.URL, caFile
}

func thanks(http.ResponseWriter, *http.Request) {}

// both hands an event over and reaches, and fails unless both say so: nothing, or that no other event would have arrived.
func both(t *testing.T, opts sink.WebhookOptions, want string) {
	t.Helper()
	hook := newWebhook(t, opts)
	_, reachErr := hook.Reach(t.Context())
	for what, err := range map[string]error{"post": hook.Handle(t.Context(), event(uploadJSON)), "reach": reachErr} {
		if want == "" && err != nil || want != "" && !strings.HasSuffix(fmt.Sprint(err), want) {
			t.Errorf("%s: got %v, want …%s", what, err, want)
		}
		if what == "post" && want != "" && !worker.IsUnreachable(err) {
			t.Errorf("%v: counts against the event", err)
		}
	}
}

func TestWebhookTrustsTheCompanysOwnAuthority(t *testing.T) {
	url, caFile := serveTLS(t, 0, nil, http.HandlerFunc(thanks))
	both(t, sink.WebhookOptions{URL: url, CAFile: caFile}, "")
	both(t, sink.WebhookOptions{URL: url}, "certificate signed by unknown authority; "+
		"set webhook.ca_file (or SSL_CERT_FILE) to a file with the certificate of its authority")
	other, _, _ := writePair(t, t.TempDir(), time.Now().Add(time.Hour), time.Now())
	both(t, sink.WebhookOptions{URL: url, CAFile: other}, "certificate signed by unknown authority; "+
		"webhook.ca_file does not hold the certificate of its authority, put it there")
}

func TestWebhookShowsItsClientCertificate(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	certFile, keyFile, cert := writePair(t, dir, now.Add(time.Hour), now)
	otherCert, otherKey, _ := writePair(t, t.TempDir(), now.Add(time.Hour), now)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		url, caFile := serveTLS(t, version, cert, http.HandlerFunc(thanks))
		both(t, sink.WebhookOptions{URL: url, CAFile: caFile, CertFile: certFile, KeyFile: keyFile}, "")
		both(t, sink.WebhookOptions{URL: url, CAFile: caFile},
			"; it may want a client certificate, set webhook.cert_file and webhook.key_file")
		both(t, sink.WebhookOptions{URL: url, CAFile: caFile, CertFile: otherCert, KeyFile: otherKey},
			"; it does not take the client certificate of webhook.cert_file, ask for another")
	}
}

// It speaks of the connection, unlike any other 400.
func TestWebhookTakesNoRefusalOfTLSForOneOfTheEvent(t *testing.T) {
	for _, text := range []string{
		"<center>No required SSL certificate was sent</center>", "<center>The SSL certificate error</center>",
		"<center>The plain HTTP request was sent to HTTPS port</center>",
	} {
		hook := answering(t, sink.WebhookOptions{}, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			io.WriteString(w, "<html>400 Bad Request</html>\n"+text)
		})
		if err := hook.Handle(t.Context(), event(uploadJSON)); !unreachable(err) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	url, _ := serveTLS(t, 0, nil, http.HandlerFunc(thanks))
	plain := newWebhook(t, sink.WebhookOptions{URL: strings.Replace(url, "https:", "http:", 1)})
	if err := plain.Handle(t.Context(), event(uploadJSON)); !unreachable(err) {
		t.Errorf("http where https is spoken: got %v", err)
	}
}

// One that does not hold yet, or no more, is nothing to refuse the start for: other handlers would wait for it.
func TestWebhookShowsARenewedClientCertificate(t *testing.T) {
	now := time.Now()
	for _, ends := range []time.Time{now.Add(time.Hour), now.Add(-time.Hour), now.AddDate(2, 0, 0)} {
		certFile, keyFile, _ := writePair(t, t.TempDir(), ends, now)
		hook := sink.WebhookOptions{CertFile: certFile, KeyFile: keyFile}
		newCert, newKey, cert := writePair(t, t.TempDir(), now.Add(2*time.Hour), now.Add(time.Second))
		hook.URL, hook.CAFile = serveTLS(t, 0, cert, http.HandlerFunc(thanks))
		w := newWebhook(t, hook)
		if err := w.Handle(t.Context(), event(uploadJSON)); !worker.IsUnreachable(err) {
			t.Errorf("the old one: %v", err)
		}
		if from, to, err := hook.CheckCertificate(); err != nil || to.Unix() != ends.Unix() || from.Unix() != ends.AddDate(-1, 0, 0).Unix() {
			t.Errorf("it holds from %v to %v, %v", from, to, err)
		}
		if err := errors.Join(os.Rename(newCert, certFile), os.Rename(newKey, keyFile)); err != nil {
			t.Fatal(err)
		}
		if err := w.Handle(t.Context(), event(uploadJSON)); err != nil {
			t.Errorf("the new one: %v", err)
		}
	}
}

func TestWebhookSaysWhichFileOfACertificateIsWrong(t *testing.T) {
	now := time.Now()
	certFile, keyFile, _ := writePair(t, t.TempDir(), now.Add(time.Hour), now)
	_, oldKey, _ := writePair(t, t.TempDir(), now.Add(time.Hour), now)
	for want, opts := range map[string]sink.WebhookOptions{
		"ca_file: open /none: ":                                  {CAFile: "/none"},
		"ca_file: read " + keyFile + ": it holds no PEM cert":    {CAFile: keyFile},
		"cert_file: stat /none: ":                                {CertFile: "/none", KeyFile: keyFile},
		"key_file: read " + oldKey + ": the key does not belong": {CertFile: certFile, KeyFile: oldKey},
	} {
		opts.URL = "https://example.com"
		_, err := sink.NewWebhook(opts)
		if _, is := errors.AsType[*sink.OptionError](err); !is || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, ends, err := sink.WebhookOptions{CertFile: certFile, KeyFile: keyFile}.CheckCertificate()
	if left := time.Until(ends); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("it ends in %v, %v", left, err)
	}
	if _, ends, err := (sink.WebhookOptions{}).CheckCertificate(); err != nil || !ends.IsZero() {
		t.Errorf("none is needed: %v, %v", ends, err)
	}
}

// With https the proxy has a certificate of its own, often of the same authority.
func TestWebhookTrustsAProxyWithTLS(t *testing.T) {
	var connects bytes.Buffer
	proxyURL, caFile := serveTLS(t, 0, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(&connects, r.Method)
		target, err := net.Dial("tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		defer target.Close()
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go io.Copy(target, buffered)
		io.Copy(conn, target)
	}))
	proxy, err := url.Parse(proxyURL)
	if err != nil {
		t.Fatal(err)
	}
	target, _ := serveTLS(t, 0, nil, http.HandlerFunc(thanks)) // httptest has the same certificate for all
	hook := newWebhook(t, sink.WebhookOptions{URL: target, CAFile: caFile})
	hook.ProxyWith(func(*http.Request) (*url.URL, error) { return proxy, nil })
	if _, err := hook.Reach(t.Context()); err != nil {
		t.Error(err)
	}
	if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
		t.Error(err)
	}
	hook.Close()
	if connects.String() != "CONNECT\n" {
		t.Errorf("the proxy saw %q", &connects)
	}
}
