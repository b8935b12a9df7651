package front

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// A fronted is an emulator behind a server with an authority, on a loopback address.
type fronted struct {
	t         *testing.T
	emulator  *vodtest.Emulator
	authority *Authority
	address   string

	mu     sync.Mutex
	errors []error
	told   chan struct{} // one for each error
}

func start(t *testing.T, authority *Authority, listen string, names ...string) *fronted {
	t.Helper()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		t.Fatal(err)
	}
	f := &fronted{t: t, emulator: vodtest.New(vodtest.Config{}), authority: authority, address: listener.Addr().String(),
		told: make(chan struct{}, 1000)}
	handler := console.Handler(f.emulator, console.Options{Hosts: names})
	server := &Server{Handler: handler, Vendor: f.emulator, Authority: authority, OnError: f.note}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		f.emulator.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return f
}

func emulated(t *testing.T, names ...string) *fronted {
	t.Helper()
	authority, err := NewAuthority(names...)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, authority, "127.0.0.1:0", names...)
}

func (f *fronted) note(err error) {
	f.mu.Lock()
	f.errors = append(f.errors, err)
	f.mu.Unlock()
	f.told <- struct{}{}
}

// wantError waits for an error of a client, and fails if it is another one.
func (f *fronted) wantError(want error) {
	f.t.Helper()
	select {
	case <-f.told:
	case <-time.After(30 * time.Second): // it fails anyhow
		f.t.Fatal("there is no error")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := f.errors[len(f.errors)-1]; !errors.Is(last, want) {
		f.t.Errorf("it is told %v, want %v", last, want)
	}
}

func (f *fronted) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(f.authority.PEM())
	return roots
}

// transport trusts the authority; proxied, it calls everything by the emulator.
func (f *fronted) transport(proxied bool) *http.Transport {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: f.roots()}}
	if proxied {
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: f.address})
	}
	f.t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// dial connects, by TCP alone.
func (f *fronted) dial() net.Conn {
	f.t.Helper()
	c, err := net.Dial("tcp", f.address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { c.Close() })
	return c
}

// rewrite makes the authority in a folder another one.
func rewrite(t *testing.T, dir string, a *Authority, change func(*x509.Certificate)) {
	t.Helper()
	template := constrained(a.names)
	template.SerialNumber, template.NotBefore, template.NotAfter = serial(), time.Now().Add(-time.Hour), time.Now().Add(lifetime)
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := os.WriteFile(filepath.Join(dir, keyFile), both, 0o600); err != nil {
		t.Fatal(err)
	}
}
