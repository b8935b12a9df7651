package nats

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
)

// good are options that are valid.
func good(change func(*Options)) Options {
	o := Options{Servers: []string{"nats://127.0.0.1:4222"}, Stream: "VOD", Subject: "vod.{type}"}
	change(&o)
	return o
}

const secret = "hunter2"

func TestOptionsThatCannotWorkAreRefusedWithAdvice(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Options)
		key    string
		text   string
	}{
		"no server":          {func(o *Options) { o.Servers = nil }, "servers", "missing"},
		"no URL":             {func(o *Options) { o.Servers = []string{"127.0.0.1:4222"} }, "servers[0]", "nats://host:port"},
		"another scheme":     {func(o *Options) { o.Servers = []string{"http://a"} }, "servers[0]", "nats://host:port"},
		"a login":            {func(o *Options) { o.Servers = []string{"nats://u:" + secret + "@a"} }, "servers[0]", "password_file"},
		"a token":            {func(o *Options) { o.Servers = []string{"nats://" + secret + "@a"} }, "servers[0]", "token_file"},
		"a bad port":         {func(o *Options) { o.Servers = []string{"nats://a:70000"} }, "servers[0]", "port"},
		"a path":             {func(o *Options) { o.Servers = []string{"nats://a/vod"} }, "servers[0]", "host and a port"},
		"two kinds":          {func(o *Options) { o.Servers = []string{"nats://a", "tls://b"} }, "servers", "all of them"},
		"no stream":          {func(o *Options) { o.Stream = "" }, "stream", "missing"},
		"a stream of tokens": {func(o *Options) { o.Stream = "VOD.a" }, "stream", "name"},
		"a long stream":      {func(o *Options) { o.Stream = strings.Repeat("a", 256) }, "stream", "name"},
		"no subject":         {func(o *Options) { o.Subject = "" }, "subject", "missing"},
		"a wildcard":         {func(o *Options) { o.Subject = "vod.*" }, "subject", "*"},
		"a full wildcard":    {func(o *Options) { o.Subject = "vod.>" }, "subject", ">"},
		"a space":            {func(o *Options) { o.Subject = "vod. a" }, "subject", "space"},
		"an empty token":     {func(o *Options) { o.Subject = "vod..{type}" }, "subject", "two in a row"},
		"a dot at the end":   {func(o *Options) { o.Subject = "vod." }, "subject", "ends"},
		"the server's own":   {func(o *Options) { o.Subject = "$JS.API.{type}" }, "subject", "$"},
		"an unknown field":   {func(o *Options) { o.Subject = "vod.{task_id}" }, "subject", "{file_id}"},
		"two logins":         {func(o *Options) { o.Token, o.Username, o.Password = secret, "u", secret }, "token", "one way"},
		"a login beside":     {func(o *Options) { o.Token, o.CredentialsFile = secret, "f" }, "credentials_file", "one way"},
		"a token not read":   {func(o *Options) { o.TokenFile = "f" }, "token_file", "nobody has read"},
		"a CA for no TLS":    {func(o *Options) { o.CAFile = "f" }, "ca_file", "not encrypted"},
		"a wrong format":     {func(o *Options) { o.Format = "xml" }, "format", "no such format"},
	} {
		err := good(test.change).Validate()
		wrong, is := err.(*sink.OptionError)
		if !is || wrong.Key != test.key || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want one of %s with %q", name, err, test.key, test.text)
		}
	}
	if err := good(func(o *Options) { o.MaxInFlight = -1 }).Validate(); err == nil {
		t.Error("less than no event in flight, and that is valid")
	}
}

func TestASubjectMayHaveFieldsAnywhere(t *testing.T) {
	for text, pattern := range map[string]string{
		"vod": "vod", "vod.{type}": "vod.*", "{sub_app_id}.x-{type}.{file_id}.end": "*.*.*.end", "vod.{{x}": "vod.{x}",
	} {
		p, err := good(func(o *Options) { o.Subject = text }).parse()
		if err != nil || p.pattern != pattern {
			t.Errorf("%s: %q, %v, want %q", text, p.pattern, err, pattern)
		}
	}
}

func TestCredentialsThatCannotBeReadAreFoundAtTheStart(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{other, other + "-not-there"} {
		_, err := New(good(func(o *Options) { o.CredentialsFile = file }))
		if wrong, is := err.(*sink.OptionError); !is || wrong.Key != "credentials_file" || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestATokenIsReadAgain(t *testing.T) {
	now := "first"
	s := open(t, good(func(o *Options) {
		o.Token, o.TokenFile = "first", "f"
		o.ReadSecret = func(string) (string, error) { return now, nil }
	}))
	now = "second"
	for range 2 {
		if got := s.token(); got != "second" {
			t.Errorf("%q, want the last one that could be read", got)
		}
		now = "" // nothing is in the file
	}
}

func TestTheNameShowsWhereEventsGoInOneLine(t *testing.T) {
	s := open(t, good(func(o *Options) {
		o.Servers, o.Username, o.Password = []string{"nats://a", "nats://b:5222"}, "u", secret
	}))
	if got, want := s.String(), "stream VOD, subject vod.{type}, at a:4222, b:5222"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func open(t testing.TB, o Options) *Sink {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
