package redis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

func TestConnectionsAreEncrypted(t *testing.T) {
	ca, cert, key := brokertest.Certificate(t, "vod")
	s := serveBy(t, "--tls-port", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", ca)
	strangersCA, strangersCert, strangersKey := brokertest.Certificate(t, "stranger")
	for name, test := range map[string]struct {
		scheme string
		opts   sink.BrokerOptions
		want   string
	}{
		"with a certificate":  {"rediss", sink.BrokerOptions{CAFile: ca, CertFile: cert, KeyFile: key}, ""},
		"without one":         {"rediss", sink.BrokerOptions{CAFile: ca}, "cert_file"},
		"a stranger's":        {"rediss", sink.BrokerOptions{CAFile: ca, CertFile: strangersCert, KeyFile: strangersKey}, "not reached"},
		"the server is one":   {"rediss", sink.BrokerOptions{CAFile: strangersCA, CertFile: cert, KeyFile: key}, "unknown authority"},
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
