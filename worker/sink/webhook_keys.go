package sink

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// keys are what a post proves itself with.
type keys struct {
	signer  *standardwebhooks.Webhook // nil: no secret
	headers http.Header
	secrets *secrets // with those of the URL
}

// public returns foreign text as it may be shown in an error: of its beginning, since what stands behind that may be cut within a
// secret.
func (k *keys) public(text string) string {
	text = strings.ReplaceAll(text, "\x00", "") // as in UTF-16
	text = text[:min(len(text), maxLooked+maxHidden)]
	return say.OneLine(k.secrets.blank([]byte(text), 0, maxLooked), maxSnippet)
}

const (
	maxLooked = 4 << 10  // bytes of a text in which a snippet is looked for
	maxHidden = 16 << 10 // bytes of the longest secret that begins there: servers take no longer headers
)

// keys makes them of the secret and the headers.
func (o WebhookOptions) keys(target *url.URL) (*keys, error) {
	signer, err := o.signer()
	if err != nil {
		return nil, err
	}
	headers, err := o.headers(target)
	if err != nil {
		return nil, err
	}
	return &keys{signer, headers, hide(target, o.Secret, headers)}, nil
}

// signer is nil if there is no secret.
func (o WebhookOptions) signer() (*standardwebhooks.Webhook, error) {
	switch {
	case o.Secret != "":
		signer, err := standardwebhooks.NewWebhook(o.Secret)
		if err != nil || strings.TrimSpace(strings.TrimPrefix(o.Secret, "whsec_")) == "" {
			return nil, &OptionError{"secret", errors.New("it is not base64, with or without whsec_ in front; copy the receiver's secret")}
		}
		return signer, nil
	case o.SecretFile != "":
		return nil, &OptionError{"secret_file", errors.New("nobody has read the file; put what is in it into Secret")}
	}
	return nil, nil
}

// A keyring has the keys of a webhook, of which files are read again when they have changed, and when the receiver has refused
// what was in them. One post at a time looks at the files; the others go on with the keys that there are.
type keyring struct {
	target  *url.URL
	current atomic.Pointer[keys]

	looking sync.Mutex // held while somebody looks; it guards the rest
	opts    WebhookOptions
	stamps  map[string]stamp // of the files when they were read last; nil: not yet
	tried   time.Time        // when that was
	refused time.Time        // when they were read last for a refusal
	warned  bool             // that they can't be used now
}

const (
	// againAfter is how long after it was read in vain, or for a refusal, a file is not read again.
	againAfter = time.Second

	// lookTime is how long a post waits for a disk that hangs.
	lookTime = time.Second
)

// A stamp tells whether a file has changed.
type stamp struct {
	changed time.Time
	size    int64
}

func newKeyring(target *url.URL, opts WebhookOptions, first *keys) *keyring {
	r := &keyring{target: target, opts: opts}
	r.current.Store(first)
	return r
}

// now returns the keys for a post.
func (r *keyring) now(ctx context.Context) *keys {
	r.look(ctx, func(stamps map[string]stamp) bool {
		return !maps.Equal(stamps, r.stamps) || r.warned && time.Since(r.tried) >= againAfter // it may be readable by now
	})
	return r.current.Load()
}

// refuse takes that the receiver has refused the keys of a post.
func (r *keyring) refuse(ctx context.Context, sent *keys) {
	r.look(ctx, func(map[string]stamp) bool {
		again := r.current.Load() == sent && time.Since(r.refused) >= againAfter
		if again {
			r.refused = time.Now()
		}
		return again
	})
}

// look reads the files if they are worth it, unless somebody does just that. It waits for lookTime at most: the goroutine ends
// when the disk has answered.
func (r *keyring) look(ctx context.Context, isWorth func(map[string]stamp) bool) {
	if !r.opts.readsAgain() || !r.looking.TryLock() {
		return
	}
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		defer r.looking.Unlock()
		if stamps := r.opts.stamps(); len(stamps) > 0 && isWorth(stamps) {
			r.read(stamps)
		}
	}()
	enough := time.NewTimer(lookTime)
	defer enough.Stop()
	select {
	case <-looked:
	case <-enough.C:
	case <-ctx.Done():
	}
}

// read reads the files. The old keys stay while one can't be used.
func (r *keyring) read(stamps map[string]stamp) {
	r.stamps, r.tried = stamps, time.Now()
	fresh, err := r.opts.reread(stamps)
	var current *keys
	if err == nil {
		current, err = fresh.keys(r.target)
	}
	switch {
	case err != nil:
		if !r.warned {
			level := zerolog.WarnLevel
			if r.opts.Passing {
				level = zerolog.InfoLevel
			}
			r.opts.Log.WithLevel(level).Err(err).Msg("the new secret of a webhook can't be used, the old one stays")
		}
		r.warned = true
		return
	case fresh.Secret != r.opts.Secret || !maps.Equal(fresh.Headers, r.opts.Headers):
		r.opts.Secret, r.opts.Headers = fresh.Secret, fresh.Headers
		r.current.Store(current)
		r.opts.Log.Info().Msg("secret of a webhook read again")
	}
	r.warned = false
}

// readsAgain reports whether there are files to look at.
func (o *WebhookOptions) readsAgain() bool {
	return o.ReadSecret != nil && (o.SecretFile != "" || len(o.HeadersFile) > 0)
}

// stamps returns those of the files that secrets are read from again. What is no regular file, as <(…) of a shell, gives its
// text only once.
func (o WebhookOptions) stamps() map[string]stamp {
	all := map[string]stamp{}
	note := func(file string) {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			all[file] = stamp{info.ModTime(), info.Size()}
		}
	}
	if o.SecretFile != "" {
		note(o.SecretFile)
	}
	for _, file := range o.HeadersFile {
		note(file)
	}
	return all
}

// reread returns the options with what is in their files now.
func (o WebhookOptions) reread(stamps map[string]stamp) (WebhookOptions, error) {
	fresh, errs := o, []error(nil)
	read := func(file, old string) string {
		if _, is := stamps[file]; !is {
			return old
		}
		text, err := o.ReadSecret(file)
		errs = append(errs, err)
		return text
	}
	fresh.Secret = read(o.SecretFile, o.Secret)
	fresh.Headers = maps.Clone(o.Headers)
	for name, file := range o.HeadersFile {
		fresh.Headers[name] = read(file, o.Headers[name])
	}
	return fresh, errors.Join(errs...)
}
