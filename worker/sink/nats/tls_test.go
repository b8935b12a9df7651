package nats

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

func TestConnectionsAreEncryptedAndTheServerIsKnown(t *testing.T) {
	cert, key := certificate(t)
	b := newServer(t, current(t), "", fmt.Sprintf("tls { cert_file: %q, key_file: %q, timeout: 5 }", cert, key))
	known := b.options(func(o *Options) { o.Servers, o.CAFile = []string{"tls://" + b.addr}, cert })
	s := open(t, known)
	defer s.Close()
	if err := s.Handle(t.Context(), upload("1", "h")); err != nil {
		t.Error(err)
	}
	if _, err := s.Reach(t.Context()); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Options){
		"an authority that nobody knows": func(o *Options) { o.CAFile = "" },
		"a client without TLS":           func(o *Options) { o.CAFile, o.Servers = "", []string{"nats://" + b.addr} },
	} {
		wrong := known
		change(&wrong)
		s := open(t, wrong)
		if err := s.Handle(t.Context(), upload("2", "h")); !worker.IsUnreachable(err) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Reach(t.Context()); !errors.Is(err, sink.ErrUnreached) || !strings.Contains(err.Error(), "set ca_file") {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}

// The server wants one, of the test's administrator too.
func TestAClientCertificateIsShown(t *testing.T) {
	cert, key := certificate(t)
	strangersCert, strangersKey := certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	b := &server{admin: []tls.Certificate{pair}}
	b.run(t, current(t), "", fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true, timeout: 5 }", cert, key, cert))
	for name, test := range map[string]struct {
		cert, key string
		well      bool
	}{"its own": {cert, key, true}, "none": {"", "", false}, "a stranger's": {strangersCert, strangersKey, false}} {
		s := open(t, b.options(func(o *Options) {
			o.Servers, o.CAFile, o.CertFile, o.KeyFile = []string{"tls://" + b.addr}, cert, test.cert, test.key
		}))
		err := s.Handle(t.Context(), upload("1", "h"))
		_, reach := s.Reach(t.Context())
		if well := err == nil && reach == nil; well != test.well || !well && (!worker.IsUnreachable(err) || !errors.Is(reach, sink.ErrUnreached) || !strings.Contains(reach.Error(), "cert_file")) {
			t.Errorf("%s: %v, %v", name, err, reach)
		}
		s.Close()
	}
}

// certificate returns files with one for 127.0.0.1, for servers and clients, that is its own authority, and its key.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(&block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}
