package sink

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
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

// public returns foreign text as it may be shown in an error.
func (k *keys) public(text string) string {
	return say.OneLine(k.secrets.blank([]byte(text)), maxSnippet)
}

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
// what was in them.
type keyring struct {
	target *url.URL

	mu      sync.Mutex
	opts    WebhookOptions
	current *keys
	stamps  map[string]stamp // of the files when they were read last; nil: not yet
	refused time.Time        // when they were read last for a refusal
	warned  bool             // that they can't be used now
}

// againAfter is how long after it was read for a refusal a file is not read for another.
const againAfter = time.Second

// A stamp tells whether a file has changed.
type stamp struct {
	changed time.Time
	size    int64
}

// now returns the keys for a post.
func (r *keyring) now() *keys {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stamps := r.opts.stamps(); !maps.Equal(stamps, r.stamps) {
		r.read(stamps)
	}
	return r.current
}

// refuse takes that the receiver has refused the keys of a post.
func (r *keyring) refuse(sent *keys) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stamps := r.opts.stamps(); len(stamps) > 0 && r.current == sent && time.Since(r.refused) >= againAfter {
		r.refused = time.Now()
		r.read(stamps)
	}
}

// read reads the files. The old keys stay while one can't be used.
func (r *keyring) read(stamps map[string]stamp) {
	r.stamps = stamps
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
		r.opts, r.current = fresh, current
		r.opts.Log.Info().Msg("secret of a webhook read again")
	}
	r.warned = false
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
	if o.ReadSecret == nil {
		return all
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
