package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// writePair writes a certificate that is its own authority, for servers and clients, and its key.
func writePair(t *testing.T) (certFile, keyFile string) {
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
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("cert.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", private)
}

func TestConnectionsAreEncrypted(t *testing.T) {
	cert, key := writePair(t)
	s := serveBy(t, "--tls-port", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert)
	strangersCert, strangersKey := writePair(t)
	for name, test := range map[string]struct {
		scheme string
		opts   sink.BrokerOptions
		want   string
	}{
		"with a certificate":  {"rediss", sink.BrokerOptions{CAFile: cert, CertFile: cert, KeyFile: key}, ""},
		"without one":         {"rediss", sink.BrokerOptions{CAFile: cert}, "cert_file"},
		"a stranger's":        {"rediss", sink.BrokerOptions{CAFile: cert, CertFile: strangersCert, KeyFile: strangersKey}, "not reached"},
		"the server is one":   {"rediss", sink.BrokerOptions{CAFile: strangersCert, CertFile: cert, KeyFile: key}, "unknown authority"},
		"it is not encrypted": {"redis", sink.BrokerOptions{}, "rediss://"},
	} {
		to := closing(t, redis.Options{URL: test.scheme + "://" + s.address, BrokerOptions: test.opts})
		_, reach := to.Reach(t.Context())
		err := to.Handle(t.Context(), upload(1))
		if test.want == "" {
			if reach != nil || err != nil {
				t.Errorf("%s: %v, %v", name, reach, err)
			}
		} else if !errors.Is(reach, sink.ErrUnreached) || !strings.Contains(reach.Error(), test.want) || !worker.IsUnreachable(err) {
			t.Errorf("%s: %v, %v, want %s in it", name, reach, err, test.want)
		}
	}
}

func TestAUserMayDoWhatHeMay(t *testing.T) {
	s := serve(t)
	s.do("acl", "setuser", "vod", "on", ">hunter2", "~vod", "+xadd", "+ping")
	s.do("acl", "setuser", "waiter", "on", ">hunter2", "~vod", "+xadd", "+ping", "+wait")
	s.do("acl", "setuser", "default", "nopass", "-@all", "+auth", "+hello")
	vod := sink.BrokerOptions{Username: "vod", Password: "hunter2"}
	for name, test := range map[string]struct {
		opts redis.Options
		key  string // that is to blame; empty: none
	}{
		"the user":           {redis.Options{BrokerOptions: vod}, ""},
		"with max_len":       {redis.Options{MaxLen: 10, BrokerOptions: vod}, ""},
		"replicas, no +wait": {redis.Options{Replicas: 1, BrokerOptions: vod}, "replicas"},
		"another key":        {redis.Options{Stream: "other", BrokerOptions: vod}, "username"},
		"another password":   {redis.Options{BrokerOptions: sink.BrokerOptions{Username: "vod", Password: "no"}}, "password"},
		"nobody":             {redis.Options{}, "username"},
		"of a file":          {redis.Options{BrokerOptions: sink.BrokerOptions{Username: "vod", Password: "no", PasswordFile: "f"}}, "password_file"},
		"another's database": {redis.Options{URL: s.url() + "/3", BrokerOptions: vod}, "username"},
	} {
		if test.opts.URL == "" {
			test.opts.URL = s.url()
		}
		to := closing(t, test.opts)
		found, reach := to.Reach(t.Context())
		err := to.Handle(t.Context(), upload(1))
		wrong, is := errors.AsType[*sink.OptionError](reach)
		switch {
		case test.key == "" && (reach != nil || err != nil):
			t.Errorf("%s: %v, %v", name, reach, err)
		case test.key != "" && (!is || wrong.Key != test.key || !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "server says")):
			t.Errorf("%s: %v %v, %v", name, found, reach, err)
		}
		if strings.Contains(found, "hunter2") || strings.Contains(fmt.Sprint(reach, err), "hunter2") {
			t.Error("a secret is shown")
		}
		if _, err := to.Risks(t.Context()); err == nil {
			t.Errorf("%s: it may ask for nothing, and knows the risks", name)
		}
	}
	waiter := redis.Options{URL: s.url(), Replicas: 1, BrokerOptions: sink.BrokerOptions{Username: "waiter", Password: "hunter2"}}
	if _, err := closing(t, waiter).Reach(t.Context()); err != nil {
		t.Errorf("with +wait: %v", err)
	}
}
