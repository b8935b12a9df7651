package redis_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// The user of a password alone is not sent: an old server does not know users.
func TestAPasswordIsReadAgainForEachConnection(t *testing.T) {
	for user, before := range map[string]string{"default": "", "vod": "vod:"} {
		f := newFake(t)
		file := filepath.Join(t.TempDir(), "password")
		to := closing(t, redis.Options{URL: f.url(), BrokerOptions: sink.BrokerOptions{
			Username: user, Password: "old", PasswordFile: file,
			ReadSecret: func(file string) (string, error) { text, err := os.ReadFile(file); return string(text), err },
		}})
		for _, password := range []string{"first", "second"} {
			if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := to.Handle(t.Context(), upload(1)); err != nil {
				t.Fatal(err)
			}
			f.leave()
			f.listen()
		}
		f.mu.Lock()
		for _, want := range []string{before + "first", before + "second"} {
			if !slices.Contains(f.logins, want) {
				t.Errorf("the logins were %q, want %q among them", f.logins, want)
			}
		}
		f.mu.Unlock()
	}
}

func TestALostConnectionIsSaidOnce(t *testing.T) {
	var log bytes.Buffer
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url(), BrokerOptions: sink.BrokerOptions{Log: zerolog.New(&log)}})
	clientSays.take()
	for range 2 {
		if err := to.Handle(t.Context(), upload(1)); err != nil {
			t.Fatal(err)
		}
		f.leave()
		for range 20 {
			if err := to.Handle(t.Context(), upload(1)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "refused") {
				t.Fatal(err)
			}
		}
		f.listen()
	}
	if err := to.Handle(t.Context(), upload(1)); err != nil { // at once
		t.Fatal(err)
	}
	if said := clientSays.take(); len(said) > 0 {
		t.Errorf("go-redis has written to stderr: %q", said)
	}
	once(t, &log)
}

// once fails unless the log says once that a connection failed, and once that it is there again.
func once(t *testing.T, log *bytes.Buffer) {
	t.Helper()
	if lost, back := strings.Count(log.String(), "failed, trying"), strings.Count(log.String(), "recovered"); lost != 1 || back != 1 {
		t.Errorf("%d and %d lines, want one of each:\n%s", lost, back, log)
	}
}

// A server that closes the connection for one event would fill the log with every try.
func TestAnEventThatEndsTheConnectionFillsNoLog(t *testing.T) {
	var log bytes.Buffer
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url(), BrokerOptions: sink.BrokerOptions{Log: zerolog.New(&log)}})
	for range 10 {
		over := f.answers(lose)
		if err := to.Handle(t.Context(), upload(1)); !worker.IsUnreachable(err) {
			t.Fatal(err)
		}
		over()
		if err := to.Handle(t.Context(), upload(2)); err != nil {
			t.Fatal(err)
		}
	}
	once(t, &log)
}

func TestNothingIsBackWhileNoEventCanBeAsked(t *testing.T) {
	var log bytes.Buffer
	f := newFake(t)
	opts := redis.Options{URL: f.url(), BrokerOptions: login}
	opts.Log = zerolog.New(&log)
	to := closing(t, opts)
	f.leave()
	for _, answer := range []string{"", "-LOADING it is", "-NOAUTH no", "-WRONGPASS no"} {
		over := f.answers(func(c []string) string {
			if c[0] == "auth" == (answer == "-WRONGPASS no") {
				return answer
			}
			return ""
		})
		if err := to.Handle(t.Context(), upload(1)); !worker.IsUnreachable(err) {
			t.Fatalf("%s: %v", answer, err)
		}
		over()
		if strings.Contains(log.String(), "recovered") {
			t.Fatalf("%s: %s", answer, &log)
		}
		f.leave()
		f.listen()
	}
	if err := to.Handle(t.Context(), upload(1)); err != nil {
		t.Fatal(err)
	}
	once(t, &log)
}

func TestAServersWordsShowNoPartOfALogin(t *testing.T) {
	f := newFake(t)
	for user, password := range map[string]string{"vod": "vod-hunter2  secret", "default": strings.Repeat("hunter2", 50)} {
		to := closing(t, redis.Options{URL: f.url(), BrokerOptions: sink.BrokerOptions{Username: user, Password: password}})
		over := f.refuses("OOM " + strings.Repeat("x", 150) + " AUTH " + user + " " + password)
		err := to.Handle(t.Context(), upload(1))
		over()
		if !worker.IsUnreachable(err) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "***") {
			t.Errorf("of %s: %v", user, err)
		}
	}
}

func TestReachSaysWhatToSet(t *testing.T) {
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url(), Replicas: 1, BrokerOptions: login})
	for _, test := range []struct{ command, answer, key, want string }{
		{"PING", "-NOAUTH Authentication required.", "username", "default"},
		{"AUTH", "-WRONGPASS invalid username-password pair or user is disabled.", "password", "look at"},
		{"TYPE", "+hash", "stream", "holds a hash"},
		{"XADD", "-NOPERM this user has no permissions", "username", "+xadd"},
		{"XADD", "-MOVED 3999 127.0.0.1:6381", "url", "cluster"},
		{"XADD", "-READONLY no", "url", "primary"},
		{"PING", "-ERR DB index is out of range", "url", "database"},
		{"XADD", "-OOM command not allowed", "", "maxmemory"},
		{"XADD", "-ERR unknown command 'xadd'", "", "unknown command"},
		{"WAIT", "-NOPERM this user has no permissions", "replicas", "+wait"},
		{"WAIT", "-ERR unknown command 'wait'", "replicas", "proxy"},
	} {
		over := f.answers(func(c []string) string {
			if strings.EqualFold(c[0], test.command) {
				return test.answer
			}
			return ""
		})
		_, err := to.Reach(t.Context())
		over()
		wrong, is := errors.AsType[*sink.OptionError](err)
		if err == nil || !strings.Contains(err.Error(), test.want) || is != (test.key != "") || is && wrong.Key != test.key || errors.Is(err, sink.ErrUnreached) {
			t.Errorf("%s %s: %v, want %s in it, about %q", test.command, test.answer, err, test.want, test.key)
		}
	}
	over := f.answers(func(c []string) string {
		if c[0] == "ping" || c[0] == "type" {
			return "-NOPERM no"
		}
		return ""
	})
	defer over()
	if found, err := to.Reach(t.Context()); err != nil || !strings.Contains(found, "nothing was added") {
		t.Errorf("a user who may only add: %q, %v", found, err)
	}
	f.answers(func(c []string) string {
		if c[0] == "xadd" {
			return "-ERR Invalid stream ID specified as stream command argument"
		}
		return ""
	})
	if _, err := to.Reach(t.Context()); err != nil {
		t.Errorf("a server before 6.2: %v", err)
	}
}

func TestRisksAreSaidWithWhatToSet(t *testing.T) {
	const good = "# Server\r\nrole:master\r\nconnected_slaves:1\r\naof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n"
	for _, test := range []struct {
		opts        redis.Options
		info, fsync string
		want        []string
	}{
		{redis.Options{Replicas: 1}, good, "always", nil},
		{redis.Options{}, strings.Replace(good, "slaves:1", "slaves:0", 1), "always", nil},
		{redis.Options{}, good, "always", []string{"set replicas to 1"}},
		{redis.Options{Replicas: 2}, good, "always", []string{"replicas is 2, and 1 are"}},
		{redis.Options{Replicas: 1}, good, "everysec", []string{"last second"}},
		{redis.Options{Replicas: 1}, good, "no", []string{"appendfsync is no"}},
		{redis.Options{Replicas: 1}, good, "", []string{"CONFIG GET"}},
		{redis.Options{Replicas: 1, MaxLen: 5}, good, "always", []string{"max_len is 5"}},
		{redis.Options{Replicas: 1}, strings.Replace(good, "aof_enabled:1", "aof_enabled:0", 1), "always", []string{"appendonly yes"}},
		{redis.Options{Replicas: 1}, strings.Replace(good, "noeviction", "allkeys-lru", 1), "always", nil},
		{redis.Options{Replicas: 1}, strings.Replace(strings.Replace(good, "noeviction", "allkeys-lru", 1), "memory:0", "memory:9", 1),
			"always", []string{"noeviction"}},
		{redis.Options{Replicas: 1}, strings.Replace(good, "master", "slave", 1), "always", []string{"primary"}},
	} {
		test.opts.URL = "redis://127.0.0.1:1"
		got := closing(t, test.opts).RisksOf(test.info, test.fsync)
		if len(got) != len(test.want) || len(got) > 0 && !strings.Contains(got[0], test.want[0]) {
			t.Errorf("%q %s: %q, want %q", test.info, test.fsync, got, test.want)
		}
	}
}
