package kafka_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

func TestEachMechanismLogsIn(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []kafka.Mechanism{kafka.Plain, kafka.ScramSHA256, kafka.ScramSHA512} {
		t.Run(string(mechanism), func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, nil, kfake.EnableSASL(), kfake.Superuser(string(mechanism), "vod", secret))
			as := func(password string) *kafka.Sink {
				return c.open(func(o *kafka.Options) { o.Mechanism, o.Username, o.Password = mechanism, "vod", password })
			}
			if err := as(secret).Handle(t.Context(), upload(1, 10)); err != nil {
				t.Error(err)
			}
			// A real broker answers, the fake one closes the connection.
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.SASLAuthenticate}, Err: kerr.SaslAuthenticationFailed, TopLevel: true, Count: -1})
			s := as("hunter2")
			_, reach := s.Reach(t.Context())
			if wrong, is := errors.AsType[*sink.OptionError](reach); !is || wrong.Key != "username" {
				t.Errorf("reach: %v", reach)
			}
			if err := s.Handle(t.Context(), upload(1, 10)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "login is refused") {
				t.Errorf("handle: %v", err)
			}
		})
	}
}

// A broker may quote what it refuses, and the client what it had expected.
func TestNoErrorQuotesALogin(t *testing.T) {
	t.Parallel()
	quote := "no user vod with " + secret
	for name, answer := range map[string]func(*kmsg.SASLAuthenticateResponse){
		"refused": func(r *kmsg.SASLAuthenticateResponse) {
			r.ErrorCode, r.ErrorMessage = kerr.SaslAuthenticationFailed.Code, &quote
		},
		"otherwise": func(r *kmsg.SASLAuthenticateResponse) {
			r.ErrorCode, r.ErrorMessage = kerr.IllegalSaslState.Code, &quote
		},
		"no proof": func(r *kmsg.SASLAuthenticateResponse) { r.SASLAuthBytes = []byte("v=" + secret) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, nil, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "vod", secret))
			c.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				if strings.HasPrefix(string(r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes), "n,,") {
					return nil, nil, false // the proof comes after it
				}
				resp := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
				answer(resp)
				return resp, nil, true
			})
			s := c.open(func(o *kafka.Options) { o.Mechanism, o.Username, o.Password = kafka.ScramSHA256, "vod", secret })
			_, reach := s.Reach(t.Context())
			for _, err := range []error{reach, s.Handle(t.Context(), upload(1, 10))} {
				if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "signature") {
					t.Error(err)
				}
			}
		})
	}
}

// A secret that was changed at both ends is no reason to start again.
func TestAPasswordIsReadAgainForEachConnection(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil, kfake.EnableSASL(), kfake.Superuser("PLAIN", "vod", secret))
	now := "old"
	s := c.open(func(o *kafka.Options) {
		o.Mechanism, o.Username, o.Password, o.PasswordFile = kafka.Plain, "vod", "old", "a file"
		o.ReadSecret = func(string) (string, error) { return now, nil }
	})
	if err := s.Handle(t.Context(), upload(1, 10)); !worker.IsUnreachable(err) {
		t.Error(err)
	}
	now = secret
	if err := s.Handle(t.Context(), upload(1, 10)); err != nil {
		t.Error(err)
	}
}

func TestTheWrongMechanismIsTheSettingsFault(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil, kfake.EnableSASL(), kfake.Superuser("PLAIN", "vod", secret))
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.SASLHandshake}, Err: kerr.UnsupportedSaslMechanism, TopLevel: true, Count: -1})
	s := c.open(func(o *kafka.Options) { o.Mechanism, o.Username, o.Password = "SCRAM-SHA-512", "vod", secret })
	_, err := s.Reach(t.Context())
	if _, is := errors.AsType[*sink.OptionError](err); !is {
		t.Error(err)
	}
}

func TestConnectionsAreEncrypted(t *testing.T) {
	t.Parallel()
	caFile, certFile, keyFile := brokertest.Certificate(t, "vod")
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, nil, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}}))
	good := c.open(func(o *kafka.Options) { o.TLS, o.CAFile = true, caFile })
	if err := good.Handle(t.Context(), upload(1, 10)); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*kafka.Options){
		"certificate":              func(o *kafka.Options) { o.TLS = true },
		"broker closed the connec": func(*kafka.Options) {},
	} {
		s := c.open(change)
		if _, err := s.Reach(t.Context()); !errors.Is(err, sink.ErrUnreached) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
		if err := s.Handle(t.Context(), upload(1, 10)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	_, err = kafka.New(kafka.Options{Brokers: []string{c.address()}, Topic: topicName, TLS: true, BrokerOptions: sink.BrokerOptions{CAFile: "none.pem"}})
	if wrong, is := errors.AsType[*sink.OptionError](err); !is || wrong.Key != "ca_file" {
		t.Error(err)
	}
}
