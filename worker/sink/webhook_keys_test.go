package sink_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/vodworker/vodworker/worker/sink"
)

// A store is a file with the token that the receiver takes, and how a webhook reads it.
type store struct {
	t    *testing.T
	file string
}

func newStore(t *testing.T) *store {
	s := &store{t: t, file: filepath.Join(t.TempDir(), "token")}
	s.write("token-1", time.Unix(1, 0))
	return s
}

func (s *store) write(token string, at time.Time) {
	s.t.Helper()
	if err := errors.Join(os.WriteFile(s.file, []byte(token), 0o600), os.Chtimes(s.file, at, at)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *store) options() sink.WebhookOptions {
	return sink.WebhookOptions{
		URL: "http://bubble", Headers: map[string]string{"X-Token": "token-1"}, HeadersFile: map[string]string{"X-Token": s.file},
		ReadSecret: func(file string) (string, error) {
			text, err := os.ReadFile(file)
			if err == nil && len(text) == 0 {
				err = errors.New(file + ": the file is empty")
			}
			return string(text), err
		},
	}
}

// counted returns the options, and how often they have read the file.
func (s *store) counted() (opts sink.WebhookOptions, reads *int) {
	opts, reads = s.options(), new(int)
	read := opts.ReadSecret
	opts.ReadSecret = func(file string) (string, error) { *reads++; return read(file) }
	return opts, reads
}

// tokens has a receiver that takes one token only; 401 is its answer to others. It returns what came.
func tokens(hook *sink.Webhook, takes *string) (came *[]string, server *http.Server) {
	came = new([]string)
	return came, inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("X-Token")
		*came = append(*came, token)
		if token != *takes {
			w.WriteHeader(401)
		}
	})
}

func TestWebhookReadsASecretAgainWhenItsFileHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := newStore(t)
		opts := s.options()
		opts.Secret, opts.SecretFile, opts.Log = signing, filepath.Join(t.TempDir(), "none"), zerolog.New(&log)
		hook := newWebhook(t, opts)
		var came []string
		server := inMemory(hook, func(_ http.ResponseWriter, r *http.Request) { came = append(came, r.Header.Get("X-Token")) })
		defer server.Close()
		post := func(token string, at int64) {
			if at > 0 {
				s.write(token, time.Unix(at, 0))
			}
			if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
				t.Error(err)
			}
		}
		post("", 0)
		post("token-2", 2)
		post("", 3)
		post("", 4)
		post("é", 5)
		post("token-3", 6)
		post("", 7)
		if got := strings.Join(came, " "); got != "token-1 token-2 token-2 token-2 token-2 token-3 token-3" {
			t.Errorf("sent %s", got)
		}
		if again := strings.Count(log.String(), "secret of a webhook read again"); again != 2 {
			t.Errorf("told %d times of the new secret:\n%s", again, &log)
		}
		if bad := strings.Count(log.String(), `"level":"warn"`); bad != 2 || strings.Contains(log.String(), "token-") {
			t.Errorf("warned %d times of a bad one, want once in each row:\n%s", bad, &log)
		}
	})
}

func TestWebhookSignsWithTheSecretThatIsInTheFileNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		opts, old := s.options(), "b2xkIHNlY3JldCBvZiB0aGUgaG9vaw=="
		opts.HeadersFile, opts.Headers, opts.Secret, opts.SecretFile = nil, nil, old, s.file
		s.write(old, time.Unix(1, 0))
		hook := newWebhook(t, opts)
		verifier, err := standardwebhooks.NewWebhook(signing)
		if err != nil {
			t.Fatal(err)
		}
		var good []bool
		server := inMemory(hook, func(_ http.ResponseWriter, r *http.Request) {
			good = append(good, verifier.VerifyIgnoringTimestamp(event(uploadJSON).Body(), r.Header) == nil)
		})
		defer server.Close()
		for i, secret := range []string{old, signing} {
			s.write(secret, time.Unix(int64(2+i), 0))
			if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(good, []bool{false, true}) {
			t.Errorf("good signatures of the new secret: %v", good)
		}
	})
}

// The file may have changed in the same moment and to the same length as before.
func TestWebhookReadsASecretAgainWhenItIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		opts, reads := s.counted()
		hook, takes := newWebhook(t, opts), "token-1"
		came, server := tokens(hook, &takes)
		defer server.Close()
		try := func(works bool) {
			t.Helper()
			if err := hook.Handle(t.Context(), event(uploadJSON)); (err == nil) != works || !works && !ordinary(err) {
				t.Errorf("got %v, want success: %v", err, works)
			}
		}
		try(true)
		takes = "token-2"
		s.write("token-2", time.Unix(1, 0))
		try(false)
		try(true)
		if got := strings.Join(*came, " "); got != "token-1 token-1 token-2" {
			t.Errorf("sent %s", got)
		}
		time.Sleep(time.Second)
		takes, *reads = "token-3", 0
		for range 100 {
			try(false)
		}
		if *reads != 1 {
			t.Errorf("read %d times in a second of refusals, want once", *reads)
		}
	})
}

// A file that may not be read becomes readable without a change of its time.
func TestWebhookReadsASecretAgainThatCouldNotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		opts := s.options()
		read, denied, reads := opts.ReadSecret, true, 0
		opts.ReadSecret = func(file string) (string, error) {
			if reads++; denied {
				return "", os.ErrPermission
			}
			return read(file)
		}
		hook, takes := newWebhook(t, opts), "token-1"
		came, server := tokens(hook, &takes)
		defer server.Close()
		s.write("token-2", time.Unix(2, 0))
		post := func() { _ = hook.Handle(t.Context(), event(uploadJSON)) }
		for range 100 {
			post()
		}
		if reads != 1 {
			t.Errorf("read %d times at once, want once", reads)
		}
		denied = false
		time.Sleep(time.Second)
		post()
		if got := (*came)[len(*came)-1]; got != "token-2" {
			t.Errorf("sent %s", got)
		}
	})
}

// A disk that hangs costs one post a second, and the others nothing.
func TestWebhookPostsWhileASecretCanNotBeReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts, answers := newStore(t).options(), make(chan struct{})
		opts.ReadSecret = func(string) (string, error) { <-answers; return "token-1", nil }
		hook, takes := newWebhook(t, opts), "token-1"
		_, server := tokens(hook, &takes)
		defer server.Close()
		defer close(answers)
		began := time.Now()
		for range 10 {
			if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("10 posts took %v", took)
		}
	})
}

// A late refusal says nothing of the secret that has taken the place of the refused one.
func TestWebhookReadsNoSecretAgainForARefusalOfAnOlderOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		opts, reads := s.counted()
		hook, late := newWebhook(t, opts), make(chan struct{})
		server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Token") == "token-1" {
				<-late
				w.WriteHeader(401)
			}
		})
		defer server.Close()
		var old sync.WaitGroup
		old.Go(func() { _ = hook.Handle(t.Context(), event(uploadJSON)) })
		synctest.Wait()
		s.write("token-2", time.Unix(2, 0))
		if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
			t.Error(err)
		}
		before := *reads
		close(late)
		old.Wait()
		if *reads != before {
			t.Error("read again")
		}
	})
}

// It gives its text once, as <(…) of a shell does.
func TestWebhookReadsNoPipeAgain(t *testing.T) {
	s := newStore(t)
	if err := errors.Join(os.Remove(s.file), syscall.Mkfifo(s.file, 0o600)); err != nil {
		t.Skip(err)
	}
	opts := s.options()
	opts.ReadSecret = func(string) (string, error) { t.Error("read"); return "", nil }
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) })
	opts.URL = server.URL
	if err := newWebhook(t, opts).Handle(t.Context(), event(uploadJSON)); !ordinary(err) {
		t.Error(err)
	}
}

func TestWebhookReadsASecretAgainWhileOthersPost(t *testing.T) {
	s := newStore(t)
	opts := s.options()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Token") != "token-2" {
			w.WriteHeader(401)
		}
	})
	opts.URL = server.URL
	hook := newWebhook(t, opts)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				_ = hook.Handle(t.Context(), event(uploadJSON))
			}
		})
	}
	s.write("token-2", time.Unix(1, 0))
	s.write("token-2", time.Unix(2, 0))
	all.Wait()
	if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
		t.Error(err)
	}
}
