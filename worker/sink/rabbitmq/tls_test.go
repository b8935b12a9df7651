package rabbitmq_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

// writePair writes a certificate of a name, for servers and clients, its key, and the certificate of its authority.
func writePair(t testing.TB, name string) (caFile, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until,
		Subject: pkix.Name{CommonName: "authority of " + name}, IsCA: true, BasicConstraintsValid: true}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: until,
		Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	ca, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, authority, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
		return path
	}
	return file("ca.pem", "CERTIFICATE", ca), file("cert.pem", "CERTIFICATE", cert), file("key.pem", "PRIVATE KEY", private)
}

// A securedCase is who connects to a server that takes certificates of one authority, and what comes
// of it.
type securedCase struct {
	opts      sink.BrokerOptions
	want      string // in the error of Reach
	unreached bool   // that error is of that kind
}

// connects tries a case on a place.
func (c securedCase) connects(t *testing.T, name string, o rabbitmq.Options) {
	t.Helper()
	o.BrokerOptions = c.opts
	s := opened(t, o)
	_, reach := s.Reach(t.Context())
	err := s.Handle(t.Context(), upload("1", 1))
	if c.want == "" && !c.unreached {
		if reach != nil || err != nil {
			t.Errorf("%s: %v, %v", name, reach, err)
		}
		return
	}
	if reach == nil || !strings.Contains(reach.Error(), c.want) || errors.Is(reach, sink.ErrUnreached) != c.unreached || !worker.IsUnreachable(err) {
		t.Errorf("%s: %v, %v, want %s in it", name, reach, err, c.want)
	}
}

func securedCases(t testing.TB, ca, cert, key string) map[string]securedCase {
	strangersCA, strangersCert, strangersKey := writePair(t, "stranger")
	return map[string]securedCase{
		"with a certificate alone":      {sink.BrokerOptions{CAFile: ca, CertFile: cert, KeyFile: key}, "", false},
		"with a certificate and a user": {sink.BrokerOptions{CAFile: ca, CertFile: cert, KeyFile: key, Username: user, Password: password}, "", false},
		"without a certificate":         {sink.BrokerOptions{CAFile: ca, Username: user, Password: password}, "", true},
		"with a stranger's":             {sink.BrokerOptions{CAFile: ca, CertFile: strangersCert, KeyFile: strangersKey}, "", true},
		"to one who is not trusted":     {sink.BrokerOptions{CAFile: strangersCA, CertFile: cert, KeyFile: key}, "ca_file: the certificate of 127.0.0.1", false},
	}
}

func TestConnectionsAreEncrypted(t *testing.T) {
	ca, cert, key := writePair(t, user)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	config := &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	f := (&fake{tls: config, mechanisms: "PLAIN EXTERNAL"}).start(t)
	o := rabbitmq.Options{URL: "amqps://" + f.address, RoutingKey: "{file_id}"}
	for name, test := range securedCases(t, ca, cert, key) {
		test.connects(t, name, o)
		want := "PLAIN"
		if test.opts.Username == "" {
			want = "EXTERNAL"
		}
		if test.want == "" && !test.unreached && f.mechanism != want {
			t.Errorf("%s: it has logged in with %s", name, f.mechanism)
		}
	}
	plain := (&fake{tls: config}).start(t)
	o.URL = "amqps://" + plain.address
	securedCase{sink.BrokerOptions{CAFile: ca, CertFile: cert, KeyFile: key}, "username: RabbitMQ does not take this way to log in", false}.
		connects(t, "without the plugin", o)
}

func securedByARealBroker(t *testing.T, server *server) {
	p := server.place(classic)
	for name, test := range securedCases(t, server.ca, server.cert, server.key) {
		o := p.options()
		o.URL = "amqps://" + server.secured
		test.connects(t, name, o)
	}
	if there := len(p.all()); there != 2 {
		t.Errorf("%d messages lie there, want those of who may", there)
	}
}
