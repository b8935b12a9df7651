package callback_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/callback"
)

// writeCertificate writes a certificate with a name of its own, and its key, as of a time.
func writeCertificate(t *testing.T, dir, name string, at time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeAt(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), at)
	writeAt(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), at)
	return certFile, keyFile
}

func writeAt(t *testing.T, file string, content []byte, at time.Time) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestACertificateThatIsRenewedIsReadAgain(t *testing.T) {
	dir, at := t.TempDir(), time.Now()
	certFile, keyFile := writeCertificate(t, dir, "first", at)
	var log strings.Builder
	options := callback.ServerOptions{CertFile: certFile, KeyFile: keyFile, Log: zerolog.New(&log)}
	config, err := options.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	name := func() string {
		t.Helper()
		cert, err := config.GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.Subject.CommonName
	}
	wantEqual(t, "at first", name(), "first")
	writeAt(t, keyFile, []byte("half of it"), at.Add(time.Second))
	wantEqual(t, "with a key that is no key", name(), "first")
	wantEqual(t, "once more", name(), "first")
	wantEqual(t, "complaints", strings.Count(log.String(), "the old one stays"), 1)
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "without its file", name(), "first")
	writeCertificate(t, dir, "second", at.Add(2*time.Second))
	wantEqual(t, "renewed", name(), "second")
	wantEqual(t, "lines", strings.Count(log.String(), "read again"), 1)
}

func TestACertificateThatCannotBeUsedIsToldBefore(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), "first", time.Now())
	noKey := filepath.Join(t.TempDir(), "no-key.pem")
	writeAt(t, noKey, []byte("half of it"), time.Now())
	for want, options := range map[string]callback.ServerOptions{
		"":                     {CertFile: certFile, KeyFile: keyFile},
		"needs both CertFile":  {CertFile: certFile},
		"CertFile and KeyFile": {KeyFile: keyFile},
		"failed to find any":   {CertFile: certFile, KeyFile: noKey},
		"no such file":         {CertFile: certFile + "x", KeyFile: keyFile},
	} {
		err := options.CheckCertificate()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := (callback.ServerOptions{}).CheckCertificate(); err != nil {
		t.Errorf("none is needed: %v", err)
	}
}
