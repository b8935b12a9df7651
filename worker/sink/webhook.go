package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// WebhookOptions say where a [Webhook] posts.
type WebhookOptions struct {
	// URL is posted to, http or https. Required. A user name and password in it are sent as basic authentication.
	// They and the query may be secrets: errors show only scheme, host and path.
	URL string `yaml:"url"`

	// Secret signs what is posted: base64, with or without "whsec_" in front. Empty: no signature.
	Secret string `yaml:"secret"`

	// SecretFile is where Secret comes from, for whoever reads a configuration into these options: it puts there what is in
	// the file. Nothing here reads it; NewWebhook fails if it is set and Secret is empty.
	SecretFile string `yaml:"secret_file"`

	// Format is what is posted. Empty: [FormatCallback].
	Format Format `yaml:"format"`

	// MaxIdle is how many connections are kept open for the events to come, for 90 s. 0: 128. With more events than
	// that at once, each of the others needs a new connection.
	MaxIdle int `yaml:"-"`
}

// Validate fails if the URL is not an absolute http or https one, if the secret is not base64 or its file was not read, if
// the format is none of the constants, and if MaxIdle is negative. But for the last, its errors are [*OptionError] values.
func (o WebhookOptions) Validate() error {
	_, _, err := o.parse()
	return err
}

// parse returns what the URL and the secret say. The signer is nil if there is no secret.
func (o WebhookOptions) parse() (target *url.URL, signer *standardwebhooks.Webhook, err error) {
	target, err = parseTarget(o.URL)
	if err != nil {
		return nil, nil, &OptionError{"url", err}
	}
	if o.MaxIdle < 0 {
		return nil, nil, fmt.Errorf("webhook: max idle is %d, want 0 or more", o.MaxIdle)
	}
	if o.Format.Validate() != nil {
		return nil, nil, &OptionError{"format", fmt.Errorf("there is no such format; write %s, %s or %s",
			FormatCallback, FormatCloudEvents, FormatCloudEventsBinary)}
	}
	switch {
	case o.Secret != "":
		signer, err = standardwebhooks.NewWebhook(o.Secret)
		if err != nil || strings.TrimSpace(strings.TrimPrefix(o.Secret, "whsec_")) == "" {
			return nil, nil, &OptionError{"secret",
				errors.New("it is not base64, with or without whsec_ in front; copy the receiver's secret")}
		}
	case o.SecretFile != "":
		return nil, nil, &OptionError{"secret_file", errors.New("nobody has read the file; put what is in it into Secret")}
	}
	return target, signer, nil
}

const (
	defaultMaxIdle = 128

	// Both are limits within the time that an event may take, so that a dead host leaves some for another try.
	dialTimeout = 5 * time.Second
	tlsTimeout  = 5 * time.Second

	idleTimeout = 90 * time.Second
)

// Webhook posts each event to a URL: the Body of a [Message], with these headers.
//
//	Content-Type: the Message's ContentType
//	User-Agent: vodworker
//	webhook-id: its ID, the same however often the event is posted
//	webhook-timestamp: the time of this attempt, in seconds since 1970
//	webhook-signature: only with a secret; see https://www.standardwebhooks.com
//	ce-type and so on: its Attributes, percent-encoded where they have to be
//
// A signature covers the body, webhook-id and webhook-timestamp only.
//
// A receiver can drop an event whose id it has seen. The id of an event that [events.Event.Repeats] has a suffix which
// differs from delivery to delivery, since a second one like it may be a new one.
type Webhook struct {
	url       *url.URL
	format    Format
	name      string                    // the URL as errors show it
	secrets   *strings.Replacer         // hides what they must not show
	signer    *standardwebhooks.Webhook // nil: no secret
	transport *http.Transport
	client    *http.Client
}

var _ Sink = (*Webhook)(nil)

// NewWebhook returns a sink that posts to opts.URL. It fails if the options are not valid. It connects to nothing yet.
func NewWebhook(opts WebhookOptions) (*Webhook, error) {
	target, signer, err := opts.parse()
	if err != nil {
		return nil, err
	}
	w := &Webhook{
		url: target, format: opts.Format, signer: signer,
		name: publicURL(target), secrets: hide(target, opts.Secret),
	}
	w.transport = newTransport(opts.MaxIdle)
	w.client = &http.Client{
		Transport: w.transport,
		// A redirect would turn the POST into a GET, or take the event to a host that nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w, nil
}

// newTransport speaks HTTP/1.1 only: events that share one HTTP/2 connection would all wait when that one hangs.
func newTransport(maxIdle int) *http.Transport {
	if maxIdle == 0 {
		maxIdle = defaultMaxIdle
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    tlsTimeout,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxAnswer,
		DisableCompression:     true, // an answer is hardly read
		Protocols:              protocols,
	}
}

// Handle posts e, once, and waits for the answer as long as ctx lasts. Nil means a 2xx status. 400, 413, 415 and 422 are
// [worker.Permanent]. No connection, redirects, 407 and 429 are [worker.Unreachable]. Every other failure may be the
// event's or the receiver's. All but the permanent ones ask for the pause of a Retry-After (24 h at most). If ctx ended
// first the error wraps ctx.Err().
func (w *Webhook) Handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return fmt.Errorf("post to %s: not posted: %w", w.name, say.Ended(ctx))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var connected bool
	req, err := w.request(watch(ctx, &connected), e)
	if err != nil {
		return fmt.Errorf("post to %s: %w", w.name, err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return w.noAnswer(ctx, connected, err)
	}
	defer resp.Body.Close()
	enough := time.AfterFunc(maxAnswerTime, cancel)
	defer enough.Stop()
	return w.judge(resp)
}

// Close closes the idle connections. It returns nil.
func (w *Webhook) Close() error {
	w.transport.CloseIdleConnections()
	return nil
}

func (w *Webhook) request(ctx context.Context, e events.Event) (*http.Request, error) {
	m, err := NewMessage(e, w.format)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "", bytes.NewReader(m.Body))
	if err != nil {
		return nil, err
	}
	req.URL = w.url // parsed once
	req.Header = http.Header{
		"Content-Type": {m.ContentType},
		"User-Agent":   {"vodworker"},
	}
	for name, value := range m.Attributes {
		req.Header.Set("ce-"+name, headerValue(value))
	}
	req.Header.Set(standardwebhooks.HeaderWebhookID, m.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	if w.signer != nil {
		signature, err := w.signer.Sign(m.ID, now, m.Body)
		if err != nil {
			return nil, err
		}
		req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	}
	return req, nil
}

// headerValue percent-encodes what the HTTP binding of CloudEvents wants encoded: all but printable ASCII, and space, " and %
// of that.
func headerValue(s string) string {
	var encoded strings.Builder
	for _, b := range []byte(s) {
		if b <= ' ' || b == '"' || b == '%' || b > '~' {
			fmt.Fprintf(&encoded, "%%%02X", b)
		} else {
			encoded.WriteByte(b)
		}
	}
	return encoded.String()
}
