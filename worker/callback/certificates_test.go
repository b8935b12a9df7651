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
	return writeCertificateFor(t, dir, name, at, -time.Hour, time.Hour)
}

// writeCertificateFor is writeCertificate for one that holds from and to so long after now.
func writeCertificateFor(t *testing.T, dir, name string, at time.Time, from, to time.Duration) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
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
	_, otherKey := writeCertificate(t, t.TempDir(), "second", time.Now())
	oldCert, oldKey := writeCertificateFor(t, t.TempDir(), "old", time.Now(), -2*time.Hour, -time.Hour)
	newCert, newKey := writeCertificateFor(t, t.TempDir(), "new", time.Now(), time.Hour, 2*time.Hour)
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "file.pem")
		writeAt(t, path, []byte(content), time.Now())
		return path
	}
	half := file("half of it")
	locked := file("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
	noKey := file("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	noCert := file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	large := file(strings.Repeat("x", 1<<20+1))
	for want, options := range map[string]callback.ServerOptions{
		"needs both CertFile":                           {CertFile: certFile},
		"CertFile and KeyFile":                          {KeyFile: keyFile},
		half + ": there is no PEM key in it":            {CertFile: certFile, KeyFile: half},
		half + ": there is no PEM certificate in it":    {CertFile: half, KeyFile: keyFile},
		keyFile + ": there is no PEM certificate in it": {CertFile: keyFile, KeyFile: keyFile},
		locked + ": the key is encrypted; decrypt it":   {CertFile: certFile, KeyFile: locked},
		otherKey + ": the key does not belong to the":   {CertFile: certFile, KeyFile: otherKey},
		noKey + ": the key can't be read":               {CertFile: certFile, KeyFile: noKey},
		noCert + ": the certificate can't be read":      {CertFile: noCert, KeyFile: keyFile},
		"no such file":                                 {CertFile: certFile + "x", KeyFile: keyFile},
		large + ": it is too large":                    {CertFile: large, KeyFile: keyFile},
		"/dev/zero: it is no regular file":             {CertFile: certFile, KeyFile: "/dev/zero"},
		oldCert + ": the certificate ended at ":        {CertFile: oldCert, KeyFile: oldKey},
		newCert + ": the certificate holds only from ": {CertFile: newCert, KeyFile: newKey},
	} {
		_, err := options.CheckCertificate()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "tls:") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestWhenACertificateEndsIsTold(t *testing.T) {
	if ends, err := (callback.ServerOptions{}).CheckCertificate(); err != nil || !ends.IsZero() {
		t.Errorf("none is needed: %v, %v", ends, err)
	}
	certFile, keyFile := writeCertificate(t, t.TempDir(), "first", time.Now())
	ends, err := callback.ServerOptions{CertFile: certFile, KeyFile: keyFile}.CheckCertificate()
	if left := time.Until(ends); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("it ends in %v, %v", left, err)
	}
}
