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
)

// WebhookOptions say where a [Webhook] posts.
type WebhookOptions struct {
	// URL is posted to, http or https. Required. A user name and password in it are sent as basic authentication.
	// They and the query may be secrets: errors show only scheme, host and path.
	URL string `yaml:"url"`

	// Secret signs what is posted: base64, with or without "whsec_" in front. Empty: no signature.
	Secret string `yaml:"secret"`

	// SecretFile is the file that a configuration has the secret from. NewWebhook does not read it.
	SecretFile string `yaml:"secret_file"`

	// Format is what is posted. Empty: [FormatCallback].
	Format Format `yaml:"format"`

	// MaxIdle is how many connections are kept open for the events to come, for 90 s. 0: 128. With more events than
	// that at once, each of the others needs a new connection.
	MaxIdle int `yaml:"-"`
}

// A Format is the form in which a [Webhook] posts an event.
type Format string

const (
	// FormatCallback is the body of a normal callback: an [events.Event.Body].
	FormatCallback Format = "callback"

	// FormatCloudEvents is a CloudEvent 1.0 in structured mode: one JSON object, with that body as its data, byte for byte.
	//
	//	id: the same as webhook-id
	//	source: //vod.tencentcloudapi.com/subapps/ and the SubAppID, 0 for the default application
	//	type: com.tencentcloud.vod. and the event's type; com.tencentcloud.vod if that cannot be read
	//	subject: the FileID, or else the TaskID, if there is one
	//	partitionkey: the FileID, if there is one
	//	datacontenttype: application/json
	//
	// There is no time, since VOD gives events none. What no attribute may hold, such as control characters, is
	// replaced by U+FFFD.
	FormatCloudEvents Format = "cloudevents"

	// FormatCloudEventsBinary is the same in binary mode: the body is that of FormatCallback, the attributes are headers such as
	// ce-type, percent-encoded where they have to be. A signature covers the body and webhook-id only.
	FormatCloudEventsBinary Format = "cloudevents-binary"
)

const (
	defaultMaxIdle = 128

	// Both are limits within the time that an event may take, so that a dead host leaves some for another try.
	dialTimeout = 5 * time.Second
	tlsTimeout  = 5 * time.Second

	idleTimeout = 90 * time.Second
)

// Validate returns what NewWebhook would say of the options.
func (o WebhookOptions) Validate() error {
	if _, err := parseTarget(o.URL); err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	if o.MaxIdle < 0 {
		return fmt.Errorf("webhook: max idle is %d, want 0 or more", o.MaxIdle)
	}
	switch o.Format {
	case "", FormatCallback, FormatCloudEvents, FormatCloudEventsBinary:
	default:
		return fmt.Errorf("webhook: format is %q, want %q, %q or %q", string(o.Format), FormatCallback, FormatCloudEvents, FormatCloudEventsBinary)
	}
	if o.Secret != "" {
		if _, err := newSigner(o.Secret); err != nil {
			return err
		}
	}
	return nil
}

func newSigner(secret string) (*standardwebhooks.Webhook, error) {
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil || strings.TrimSpace(strings.TrimPrefix(secret, "whsec_")) == "" {
		return nil, errors.New("webhook: the secret is not base64, with or without whsec_ in front")
	}
	return signer, nil
}

// Webhook posts each event to a URL, as its [Format] says, with these headers.
//
//	Content-Type: application/json, or application/cloudevents+json
//	User-Agent: vodworker
//	webhook-id: the event's Key, the same however often the event is posted
//	webhook-timestamp: the time of this attempt, in seconds since 1970
//	webhook-signature: only with a secret; see https://www.standardwebhooks.com
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

// NewWebhook returns a sink that posts to opts.URL. It fails if the URL is not an absolute http or https one, if the
// secret is not base64, if the format is none of the constants and if MaxIdle is negative. It connects to nothing yet.
func NewWebhook(opts WebhookOptions) (*Webhook, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	target, err := parseTarget(opts.URL)
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	w := &Webhook{url: target, format: opts.Format, name: publicURL(target), secrets: hide(target, opts.Secret)}
	if opts.Secret != "" {
		if w.signer, err = newSigner(opts.Secret); err != nil {
			return nil, err
		}
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

// Handle posts e and waits for the answer as long as ctx lasts. Nil means a 2xx status. A 4xx is [worker.Permanent],
// except 408, 409, 425 and 429. Everything else is worth another try: no answer, and the remaining statuses, redirects
// among them, after the pause that a Retry-After asks for (24 h at most). If ctx ended first the error wraps ctx.Err().
func (w *Webhook) Handle(ctx context.Context, e events.Event) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := w.request(ctx, e)
	if err != nil {
		return fmt.Errorf("post to %s: %w", w.name, err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return w.noAnswer(ctx, err)
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
	id, now := e.ID(), time.Now()
	header := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"vodworker"},
		// Not sent, but allows net/http to post again by itself when an idle connection turns out to be closed.
		"Idempotency-Key": {},
	}
	body, err := w.body(e, id, header)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.URL = w.url // parsed once
	req.Header = header
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	if w.signer != nil {
		signature, err := w.signer.Sign(id, now, body)
		if err != nil {
			return nil, err
		}
		req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	}
	return req, nil
}

// body returns what is posted, and sets the headers that say what it is.
func (w *Webhook) body(e events.Event, id string, header http.Header) (body []byte, err error) {
	body = e.Body()
	switch w.format {
	case FormatCloudEvents:
		header.Set("Content-Type", "application/cloudevents+json")
		return newCloudEvent(e, id).structured(body)
	case FormatCloudEventsBinary:
		newCloudEvent(e, id).setHeader(header)
	}
	return body, nil
}
