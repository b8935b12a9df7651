package nats

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
)

func TestConnectionsAreEncryptedAndTheServerIsKnown(t *testing.T) {
	ca, cert, key := brokertest.Certificate(t, "vod")
	b := newServer(t, current(t), "", fmt.Sprintf("tls { cert_file: %q, key_file: %q, timeout: 5 }", cert, key))
	known := b.options(func(o *Options) { o.Servers, o.CAFile = []string{"tls://" + b.addr}, ca })
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
	ca, cert, key := brokertest.Certificate(t, "vod")
	_, strangersCert, strangersKey := brokertest.Certificate(t, "stranger")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	b := &server{admin: []tls.Certificate{pair}}
	b.run(t, current(t), "", fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true, timeout: 5 }", cert, key, ca))
	for name, test := range map[string]struct {
		cert, key string
		well      bool
	}{"its own": {cert, key, true}, "none": {"", "", false}, "a stranger's": {strangersCert, strangersKey, false}} {
		s := open(t, b.options(func(o *Options) {
			o.Servers, o.CAFile, o.CertFile, o.KeyFile = []string{"tls://" + b.addr}, ca, test.cert, test.key
		}))
		err := s.Handle(t.Context(), upload("1", "h"))
		_, reach := s.Reach(t.Context())
		if well := err == nil && reach == nil; well != test.well || !well && (!worker.IsUnreachable(err) || !errors.Is(reach, sink.ErrUnreached) || !strings.Contains(reach.Error(), "cert_file")) {
			t.Errorf("%s: %v, %v", name, err, reach)
		}
		s.Close()
	}
}
