package tencent_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A wire is a network in memory. What is sent on connections that were made before it is cut arrives nowhere, and nobody
// says so: new ones work.
type wire struct {
	*pipe.Listener
	mu   sync.Mutex
	made []*wired
}

type wired struct {
	net.Conn
	mu  sync.Mutex
	cut bool
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := w.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made = append(w.made, &wired{Conn: conn})
	return w.made[len(w.made)-1], nil
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.made {
		conn.mu.Lock()
		conn.cut = true
		conn.mu.Unlock()
	}
}

func (w *wire) connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.made)
}

func (c *wired) Write(p []byte) (int, error) {
	c.mu.Lock()
	cut := c.cut
	c.mu.Unlock()
	if cut {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// A certified has a certificate for example.com.
func certified(t *testing.T) (server *tls.Config, client *tls.Config, caFile string) {
	t.Helper()
	holder := httptest.NewTLSServer(nil)
	holder.Close()
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	write(t, caFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: holder.Certificate().Raw})))
	pool := x509.NewCertPool()
	pool.AddCert(holder.Certificate())
	return &tls.Config{Certificates: holder.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}},
		&tls.Config{RootCAs: pool, ServerName: "example.com"}, caFile
}

// serveTLS serves HTTP/2 and HTTP/1.1.
func serveTLS(t *testing.T, config *tls.Config, handler http.Handler) *wire {
	w := &wire{Listener: pipe.Listen()}
	server := &http.Server{Handler: handler, TLSConfig: config.Clone()}
	go func() { _ = server.ServeTLS(w, "", "") }()
	t.Cleanup(func() {
		_ = server.Close()
		time.Sleep(6 * time.Second) // crypto/tls says goodbye for 5 s
	})
	return w
}

func TestASilentConnectionCostsOneCall(t *testing.T) {
	config, _, caFile := certified(t)
	for name, together := range map[string]int{"one connection": 1, "several that were silenced together": 8} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				emulator := vodtest.New(vodtest.Config{RoundTrip: 20 * time.Millisecond})
				defer emulator.Close()
				w := serveTLS(t, config, emulator)
				source := newSource(t, tencent.Options{Endpoint: "https://example.com", CAFile: caFile})
				tencent.DialWith(source, w.dial)
				var out sync.WaitGroup
				for range together {
					out.Go(func() {
						if _, err := source.Backlog(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				out.Wait()
				w.cut()
				failed, began := 0, time.Now()
				for range 10 {
					if _, err := source.Backlog(t.Context()); err != nil {
						failed++
					}
				}
				if took := time.Since(began); failed != 1 || took > 11*time.Second || w.connections() != together+1 {
					t.Errorf("%d of 10 calls failed, in %v, with %d connections", failed, took, w.connections())
				}
			})
		})
	}
}

func TestASilentConnectionCostsNoRefresh(t *testing.T) {
	config, trusting, _ := certified(t)
	tests := map[string]struct {
		transport *http.Transport
		in        func(t *testing.T, ttl time.Duration, test func(t *testing.T, c *cloud, _ string))
	}{
		"STS": {tencent.RoleTransport(t), inPod},
		"the metadata service": {tencent.Direct(), func(t *testing.T, ttl time.Duration, test func(*testing.T, *cloud, string)) {
			inCloud(t, ttl, func(t *testing.T, c *cloud) { test(t, c, "") })
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.in(t, 4*time.Second, func(t *testing.T, c *cloud, _ string) {
				var w *wire
				handler := http.HandlerFunc(func(writer http.ResponseWriter, r *http.Request) {
					if r.ProtoMajor != 1 {
						t.Errorf("HTTP/%d", r.ProtoMajor)
					}
					if strings.HasPrefix(r.Host, "sts.") {
						c.sts(writer, r)
					} else {
						c.metadata(writer, r)
					}
				})
				transport := test.transport
				if strings.HasPrefix(name, "STS") {
					w = serveTLS(t, config, handler)
					if transport.TLSClientConfig == nil {
						transport.TLSClientConfig = new(tls.Config)
					}
					transport.TLSClientConfig.RootCAs, transport.TLSClientConfig.ServerName = trusting.RootCAs, trusting.ServerName
				} else {
					w = &wire{Listener: pipe.Listen()}
					server := &http.Server{Handler: handler}
					go func() { _ = server.Serve(w) }()
					t.Cleanup(func() { _ = server.Close() })
				}
				transport.DialContext = w.dial
				keys, err := tencent.NewKeyring(t.Context(), tencent.KeyringOptions{Transport: transport, Log: zerolog.New(c.log)})
				if err != nil {
					t.Fatal(err)
				}
				defer keys.Close()
				credentials(t, keys)
				w.cut()
				time.Sleep(31 * time.Second)
				if _, asked, _ := c.handed(); len(asked) != 7 || strings.Contains(c.log.String(), "failed") {
					t.Errorf("asked after %v\n%s", asked, c.log)
				}
			})
		})
	}
}
