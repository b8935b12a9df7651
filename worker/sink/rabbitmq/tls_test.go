package rabbitmq_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

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
	strangersCA, strangersCert, strangersKey := brokertest.Certificate(t, "stranger")
	return map[string]securedCase{
		"with a certificate alone":      {sink.BrokerOptions{CAFile: ca, CertFile: cert, KeyFile: key}, "", false},
		"with a certificate and a user": {sink.BrokerOptions{CAFile: ca, CertFile: cert, KeyFile: key, Username: user, Password: password}, "", false},
		"without a certificate":         {sink.BrokerOptions{CAFile: ca, Username: user, Password: password}, "", true},
		"with a stranger's":             {sink.BrokerOptions{CAFile: ca, CertFile: strangersCert, KeyFile: strangersKey}, "", true},
		"to one who is not trusted":     {sink.BrokerOptions{CAFile: strangersCA, CertFile: cert, KeyFile: key}, "ca_file: the certificate of 127.0.0.1", false},
	}
}

func TestConnectionsAreEncrypted(t *testing.T) {
	ca, cert, key := brokertest.Certificate(t, user)
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
