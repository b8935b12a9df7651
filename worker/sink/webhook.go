package sink

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	defaultMaxIdle = 128

	// Both are limits within the time that an event may take, so that a dead host leaves some for another try.
	dialTimeout = 5 * time.Second
	tlsTimeout  = 5 * time.Second

	idleTimeout = 90 * time.Second

	writeBuffer = 8 << 10 // bytes of each connection: nearly all events fit, with their headers, and are sent in one go
)

// Webhook posts each event to a URL: the Body of a [Message], with these headers.
//
//	Content-Type: the Message's ContentType
//	User-Agent: vodworker, and the Headers of the options
//	webhook-id: its ID, the same however often the event is posted
//	webhook-timestamp: the time of this attempt, in seconds since 1970
//	webhook-signature: only with a secret; see https://www.standardwebhooks.com
//	traceparent: its Traceparent, if it has one
//	ce-type and so on: its Attributes, percent-encoded where they have to be
//
// A signature covers the body, webhook-id and webhook-timestamp only.
//
// A receiver can drop an event whose id it has seen. The id of an event that [events.Event.Repeats] has a suffix which
// differs from delivery to delivery, since a second one like it may be a new one.
type Webhook struct {
	url       *url.URL
	opts      WebhookOptions
	name      string // the URL as errors show it
	keys      *keyring
	transport *http.Transport
	client    *http.Client
	suspected atomic.Bool // an answer was warned of
}

var _ Sink = (*Webhook)(nil)

// NewWebhook returns a sink that posts to opts.URL. It fails if the options are not valid, and with an
// [*OptionError] if a certificate can't be used. It connects to nothing yet.
func NewWebhook(opts WebhookOptions) (*Webhook, error) {
	target, with, err := opts.parse()
	if err != nil {
		return nil, err
	}
	tls, err := opts.tls()
	if err != nil {
		return nil, err
	}
	w := &Webhook{
		url: target, opts: opts, name: publicURL(target),
		keys: newKeyring(target, opts, with),
	}
	w.transport = newTransport(opts.MaxIdle)
	w.transport.TLSClientConfig = tls
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
		WriteBufferSize:        writeBuffer,
		MaxResponseHeaderBytes: maxAnswer,
		DisableCompression:     true, // an answer is hardly read
		Protocols:              protocols,
	}
}

// Handle posts e, once, and waits for the answer as long as ctx lasts. Nil means a 2xx status, with a body that Success takes if
// that is set. 400, 413, 415 and 422 are [worker.Permanent], but for a 400 that speaks of TLS. No connection, redirects, 407,
// 429 and such a 400 are [worker.Unreachable]. Every other failure may be the event's or the receiver's. All but those of a 400,
// 413, 415 or 422 ask for the pause of a Retry-After (24 h at most). If ctx ended first the error wraps ctx.Err().
func (w *Webhook) Handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return fmt.Errorf("post to %s: not posted: %w", w.name, say.Ended(ctx))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var connected bool
	with := w.keys.now(ctx)
	req, err := w.request(watch(ctx, &connected), e, with)
	if err != nil {
		return fmt.Errorf("post to %s: %w", w.name, err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return w.noAnswer(ctx, connected, err, with)
	}
	defer resp.Body.Close()
	isSuccess := resp.StatusCode/100 == 2
	if !isSuccess || w.opts.Success == nil { // the status has said what counts
		enough := time.AfterFunc(maxAnswerTime, cancel)
		defer enough.Stop()
	}
	answer := read(resp)
	if isSuccess {
		return w.accept(ctx, answer, with)
	}
	return w.judge(ctx, answer, with)
}

// Close closes the idle connections. It returns nil.
func (w *Webhook) Close() error {
	w.transport.CloseIdleConnections()
	return nil
}

func (w *Webhook) request(ctx context.Context, e events.Event, with *keys) (*http.Request, error) {
	m, err := NewMessage(e, w.opts.Format)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "", bytes.NewReader(m.Body))
	if err != nil {
		return nil, err
	}
	req.URL = w.url // parsed once
	req.Header = http.Header{"User-Agent": {"vodworker"}}
	maps.Copy(req.Header, with.headers)
	req.Header.Set("Content-Type", m.ContentType)
	for name, value := range m.Attributes {
		req.Header.Set("ce-"+name, headerValue(value))
	}
	if m.Traceparent != "" {
		req.Header.Set("traceparent", m.Traceparent)
	}
	req.Header.Set(standardwebhooks.HeaderWebhookID, m.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	if with.signer != nil {
		signature, err := with.signer.Sign(m.ID, now, m.Body)
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
