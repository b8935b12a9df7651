package redis_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

func TestOptionsThatCannotWork(t *testing.T) {
	const url = "redis://127.0.0.1"
	for _, test := range []struct {
		key  string
		opts redis.Options
		want string
	}{
		{"url", redis.Options{Stream: "vod"}, "missing"},
		{"url", redis.Options{URL: "http://a", Stream: "vod"}, "no URL of Redis"},
		{"url", redis.Options{URL: "unix:///var/run/redis.sock", Stream: "vod"}, "no URL of Redis"},
		{"url", redis.Options{URL: "redis://", Stream: "vod"}, "no URL of Redis"},
		{"url", redis.Options{URL: "redis://u:hunter2@a\x7f", Stream: "vod"}, "no URL of Redis"},
		{"url", redis.Options{URL: "redis://:hunter2@a", Stream: "vod"}, "password_file"},
		{"url", redis.Options{URL: url + "?max_retries=3", Stream: "vod"}, "take out"},
		{"url", redis.Options{URL: url + ":0", Stream: "vod"}, "port"},
		{"url", redis.Options{URL: url + "/hunter2", Stream: "vod"}, "number of a database"},
		{"stream", redis.Options{URL: url}, "missing"},
		{"stream", redis.Options{URL: url, Stream: "vod.{file_id}"}, "no field here"},
		{"max_len", redis.Options{URL: url, Stream: "vod", MaxLen: -1}, "negative"},
		{"replicas", redis.Options{URL: url, Stream: "vod", Replicas: -1}, "negative"},
		{"format", redis.Options{URL: url, Stream: "vod", BrokerOptions: sink.BrokerOptions{Format: sink.FormatCloudEventsBinary}}, "format"},
		{"ca_file", redis.Options{URL: url, Stream: "vod", BrokerOptions: sink.BrokerOptions{CAFile: "hunter2"}}, "not encrypted"},
		{"ca_file", redis.Options{URL: "rediss://a", Stream: "vod", BrokerOptions: sink.BrokerOptions{CAFile: "nowhere"}}, ""},
		{"username", redis.Options{URL: url, Stream: "vod", BrokerOptions: sink.BrokerOptions{Password: "hunter2"}}, "missing"},
	} {
		s, err := redis.New(test.opts)
		wrong, is := errors.AsType[*sink.OptionError](err)
		if !is || wrong.Key != test.key || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v, want one about %s", test.opts, err, test.key)
		}
		if err == nil {
			_ = s.Close()
		}
	}
	if err := (redis.Options{URL: url, Stream: "vod", BrokerOptions: sink.BrokerOptions{MaxInFlight: -1}}).Validate(); err == nil {
		t.Error("a negative number in flight is taken")
	}
}

func TestItsNameHasNoLogin(t *testing.T) {
	for url, want := range map[string]string{
		"redis://cache.example":           "cache.example:6379/0 stream vod {{x",
		"rediss://cache.example:6380/":    "cache.example:6380/0 stream vod {{x",
		"redis://[2001:db8::1]:6390/15":   "[2001:db8::1]:6390/15 stream vod {{x",
		"redis://cache.example:065535/00": "cache.example:065535/0 stream vod {{x",
	} {
		s := closing(t, redis.Options{URL: url, Stream: "vod\n{{x", BrokerOptions: login})
		if got := s.String(); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}
