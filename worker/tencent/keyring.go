package tencent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// A Provider returns credentials, obtained or read anew by each call. It obeys ctx, which ends after 10 s. It is
// called again before Credentials.Ends, and when the API refuses what it returned last; never by two at once.
type Provider func(ctx context.Context) (Credentials, error)

// KeyringOptions say where a Keyring gets credentials from.
type KeyringOptions struct {
	// Provider returns them. Nil means the first of these that is there: the environment ([EnvSecretID] and
	// [EnvSecretKey], with [EnvToken] for a temporary key), the profile file ([EnvProfile], else
	// ~/.tencentcloud/credentials), the role of this TKE pod, the role of this CVM.
	Provider Provider

	// Elsewhere names what else a user can fill in, such as a key of a configuration file: the error that there are no
	// credentials says so. Empty: nothing.
	Elsewhere string

	// Log is told when a refresh fails, once a minute while that goes on, and when one succeeds again. In the first minute
	// a failure is logged at info, then as a warning. It is silent by default.
	Log zerolog.Logger

	// Endpoint is VOD's, as in [Options]: the STS that is asked for the role of a TKE pod is the one beside it.
	Endpoint string

	// CAFile is for STS what it is for VOD in [Options].
	CAFile string

	// Transport carries the calls to STS and to the metadata service of a CVM. Nil means net/http, for the latter
	// without a proxy.
	Transport http.RoundTripper
}

// A Keyring holds the credentials that calls are signed with. It replaces temporary ones 10 minutes before they end, or when
// half of their time is over if that is later. No call waits for such a refresh; one that fails is tried again, after 5 s at
// first and 30 s at most. Calls wait for new credentials only when the old ones have ended.
//
// When the API refuses credentials, the Provider is asked once whether it has others by now, at most every 5 s: so
// files may be changed while a program runs.
//
// Share one between the Sources of an account. It is safe for concurrent use. Create it with [NewKeyring].
type Keyring struct {
	provider Provider // nil: there are no others than held
	log      zerolog.Logger
	trouble  say.Trouble // the refresher's
	stop     context.CancelFunc
	done     chan struct{} // the refresher has ended
	demand   chan struct{} // asks the refresher to refresh now; sent to under mu, when running begins

	mu      sync.Mutex // guards the rest; nothing waits while it is held
	held    *Credentials
	refused bool      // held were, by the API
	row     int       // how many credentials in a row the API has refused
	forced  time.Time // when a refusal last led to a refresh

	running  bool          // a refresh runs, or is asked for
	finished chan struct{} // closed when the refresh that runs, or the next one, has ended
	tried    time.Time     // when the last one ended
	failure  error         // why it failed
	failures int           // in a row
}

const (
	leastPause   = 5 * time.Second // between refreshes that somebody asks for
	maxPause     = 30 * time.Second
	ahead        = 10 * time.Minute // of the credentials' end
	refreshTime  = 10 * time.Second
	discoverTime = 2 * time.Second // a machine that is no CVM has nobody who answers
)

// NewKeyring finds credentials. It fails if there are none, and if they can't be used. The first credentials of a
// role are obtained later, and calls wait for them; but whether this machine is a CVM with a role takes up to 2 s to
// find out. A Provider is called once. The caller closes the Keyring.
func NewKeyring(ctx context.Context, opts KeyringOptions) (*Keyring, error) {
	provider, first, err := opts.find(ctx)
	if err != nil {
		return nil, err
	}
	if provider == nil {
		return fixed(first)
	}
	k := &Keyring{
		provider: provider,
		log:      opts.Log,
		trouble:  say.Trouble{What: "refresh credentials"},
		done:     make(chan struct{}),
		demand:   make(chan struct{}, 1),
		finished: make(chan struct{}),
	}
	if opts.Provider != nil || first != (Credentials{}) {
		k.tried = time.Now()
		if k.held, err = first.usable(k.tried); err != nil {
			return nil, err
		}
	}
	var work context.Context
	work, k.stop = context.WithCancel(context.Background())
	go k.refresher(work)
	return k, nil
}

// fixed returns a Keyring that has nowhere to get other credentials from.
func fixed(c Credentials) (*Keyring, error) {
	held, err := c.usable(time.Now())
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	close(done)
	return &Keyring{held: held, stop: func() {}, done: done}, nil
}

// Close ends the refreshing. Calls can go on with the credentials that are held.
func (k *Keyring) Close() error {
	k.stop()
	<-k.done
	return nil
}

// Credentials returns those that a call would be signed with now. If there are none, or they are over, it waits
// for new ones as long as ctx lasts, and fails if they can't be had.
func (k *Keyring) Credentials(ctx context.Context) (Credentials, error) {
	c, err := k.current(ctx)
	if err != nil {
		return Credentials{}, err
	}
	return *c, nil
}

func (k *Keyring) current(ctx context.Context) (*Credentials, error) {
	for {
		held, finished, err := k.look()
		if held != nil || err != nil {
			return held, err
		}
		if err := k.wait(ctx, finished); err != nil {
			return nil, err
		}
	}
}

// look returns the credentials if they hold, or why they could not be refreshed a moment ago. Else it asks for new
// ones, and returns what to wait for.
func (k *Keyring) look() (*Credentials, <-chan struct{}, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	switch {
	case k.provider == nil || k.held != nil && !k.held.ended(now):
		return k.held, nil, nil
	case k.failure != nil && now.Sub(k.tried) < leastPause:
		return nil, nil, fmt.Errorf("%s: %w", k.lack(), k.failure)
	}
	k.ask()
	return nil, k.finished, nil
}

// lack says that there are no credentials to sign with. The caller holds mu.
func (k *Keyring) lack() string {
	if k.held == nil {
		return "no credentials"
	}
	ended := k.held.Ends.UTC().Format(time.RFC3339)
	return fmt.Sprintf("the key from %s ended at %s, and a new one could not be had", k.held.IDFrom, ended)
}

// ask has the refresher refresh now, unless it does or will. The caller holds mu.
func (k *Keyring) ask() {
	if !k.running {
		k.running = true
		k.demand <- struct{}{} // nothing is in it: each refresh empties it when it begins
	}
}

var errClosed = errors.New("the keyring is closed")

func (k *Keyring) wait(ctx context.Context, finished <-chan struct{}) error {
	select {
	case <-finished:
		return nil
	case <-k.done:
		return errClosed
	case <-ctx.Done():
		return fmt.Errorf("new credentials were asked for, and have not come yet: %w", ctx.Err())
	}
}

// accepted notes that a call with c was let through.
func (k *Keyring) accepted(c *Credentials) {
	if k.provider == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.holds(c) {
		k.refused, k.row = false, 0
	}
}

// holds reports whether c is what calls are signed with. The end of a key may move, so another pointer says nothing.
func (k *Keyring) holds(c *Credentials) bool { return k.held != nil && k.held.same(c) }
