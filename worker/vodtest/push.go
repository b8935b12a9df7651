package vodtest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/post"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// Push says how an emulator makes normal callbacks: one POST for each event that happens while an application's Mode is
// PUSH. The body is the event without an EventHandle. An answer ends it, whatever its status and its body. A
// try that times out is followed by another. Its zero value is the documented behaviour and, where nothing is
// documented, what is most likely.
type Push struct {
	// Transport carries the callbacks. nil: HTTP, each on a connection of its own, past any proxy.
	Transport http.RoundTripper

	// Timeout is how long one try may take. 0: 5 s.
	Timeout time.Duration

	// Tries is how often a callback is tried at most. 0: 3.
	Tries int

	// Gap is the pause between two tries, of which the documentation says nothing. 0: 1 s. Negative: none.
	Gap time.Duration

	// RetryErrors makes any other failure to get an answer, such as a refused connection, count as a time-out.
	// Otherwise it ends the callback: the documentation speaks of time-outs only.
	RetryErrors bool

	// Senders is how many callbacks of one application are out at a time; the others wait for their turn, in memory
	// and without a limit, as queued events do. 0: 16.
	Senders int

	// ContentType is the callbacks' header. Empty: application/json.
	ContentType string

	// Validity is how long the signature of a callback is good for. 0: 10 min. Negative: it has expired before.
	Validity time.Duration

	// QuoteT makes the T of a signed callback a string; otherwise it is a number.
	QuoteT bool

	// LowerCase names the members of a signed callback sign and t; otherwise they are Sign and T.
	LowerCase bool

	// OldFormat posts NewFileUpload, ProcedureStateChanged, PullComplete and FileDeleted in the 2.0 format, which accounts
	// from before 2019 may still get; other events have no other form. Otherwise all are in the 3.0 format.
	OldFormat bool

	// Observe is told of each try when it is over. It runs in the goroutine that sends, so it must be safe for
	// concurrent use, and the next try or callback waits for it. It must neither close the emulator nor call Advance.
	Observe func(Callback)
}

const (
	defaultTimeout  = 5 * time.Second
	defaultTries    = 3
	defaultGap      = time.Second
	defaultSenders  = 16
	defaultValidity = 10 * time.Minute
)

// patience is how long a receiver may take for its answer, in real time, before [Emulator.Advance] ends a try.
const patience = 200 * time.Millisecond

func (p Push) withDefaults() Push {
	if p.Transport == nil {
		p.Transport = &http.Transport{DisableKeepAlives: true}
	}
	p.Timeout = cmp.Or(p.Timeout, defaultTimeout)
	p.Tries = cmp.Or(p.Tries, defaultTries)
	p.Gap = cmp.Or(p.Gap, defaultGap)
	p.Senders = cmp.Or(p.Senders, defaultSenders)
	p.ContentType = cmp.Or(p.ContentType, "application/json")
	p.Validity = cmp.Or(p.Validity, defaultValidity)
	return p
}

// A Callback is one try to deliver an event to the NotificationUrl.
type Callback struct {
	SubAppID uint64
	Event    int           // the event's number among the application's, from 1
	Content  []byte        // the event, as it was sent, without a signature; not to be modified
	URL      string        // without what may be secret: user, query and fragment
	Try      int           // from 1
	Last     bool          // no other follows
	Start    time.Time     // by the emulator's time, see [Emulator.Advance]
	Took     time.Duration // in real time; of a try that timed out Push.Timeout
	Status   int           // of the answer, 0 if there was none
	Err      error         // why there was no answer
}

// CallbackStats are counts of one SubAppId's normal callbacks: of events that happened while its Mode was PUSH.
type CallbackStats struct {
	Tries    int
	Answered int // callbacks that were answered, with any status
	GivenUp  int // callbacks that got no answer
	NoURL    int // events that were lost since there was no NotificationUrl
	Pending  int // now: callbacks that are out, or wait for their turn
}

// PushTo makes the application's events normal callbacks from now on, as ModifyEventConfig does: its Mode is PUSH, and
// url its NotificationUrl. If signKey is not empty, up to 32 letters and digits, callbacks are signed with it.
// Events that are queued stay there, and can still be pulled.
func (e *Emulator) PushTo(subAppID uint64, url, signKey string) error {
	if url == "" {
		return errors.New("vodtest: there is no URL to push to")
	}
	push := "PUSH"
	return e.setUp(subAppID, &api.ModifyEventConfig{Mode: &push, NotificationUrl: &url, SignKey: &signKey})
}

// An outbox is the callbacks of one application that wait for their turn. The emulator's lock guards it.
type outbox struct {
	subAppID uint64
	ctx      context.Context // ends with the emulator, or with breakOff
	breakOff func()

	waiting []callback // the oldest first
	senders int        // goroutines that send
	count   CallbackStats
	past    ring[Callback] // tries
}

type callback struct {
	event    int
	content  []byte
	settings settings // when it happened
}

func newOutbox(ctx context.Context, subAppID uint64) *outbox {
	ctx, breakOff := context.WithCancel(ctx)
	return &outbox{subAppID: subAppID, ctx: ctx, breakOff: breakOff, past: ring[Callback]{size: keptCallbacks}}
}

var errNoURL = errors.New("the event is lost: there is no NotificationUrl")

// push hands an event to the senders, of which there are never more than Push.Senders, and none when there is nothing
// to send. The lock must be held.
func (e *Emulator) push(a *app, content []byte) {
	a.queue.count.Sent++
	if a.settings.url == "" {
		a.outbox.count.NoURL++
		a.outbox.remember(Callback{
			SubAppID: a.id, Event: a.queue.count.Sent, Content: content, Last: true, Start: e.now(), Err: errNoURL,
		})
		return
	}
	o := a.outbox
	o.count.Pending++
	o.waiting = append(o.waiting, callback{a.queue.count.Sent, content, a.settings})
	if o.senders < e.cfg.Push.Senders && e.ctx.Err() == nil {
		o.senders++
		e.time.Enter()
		e.sending.Go(func() {
			defer e.time.Leave()
			e.sendCallbacks(o) // a.outbox may be another one by then
		})
	}
}

// sendCallbacks sends what waits until nothing does, or the emulator is closed.
func (e *Emulator) sendCallbacks(o *outbox) {
	for {
		e.mu.Lock()
		if len(o.waiting) == 0 || o.ctx.Err() != nil {
			o.senders--
			e.mu.Unlock()
			return
		}
		c := o.waiting[0]
		o.waiting[0] = callback{} // its content may go when it was sent
		o.waiting = o.waiting[1:]
		e.mu.Unlock()
		e.deliver(o, c)
	}
}

// deliver sends one callback, with its tries.
func (e *Emulator) deliver(o *outbox, c callback) {
	p := e.cfg.Push
	body := p.body(c, e.clock())
	poster := post.Poster{Transport: p.Transport, ContentType: p.ContentType}
	for try := 1; ; try++ {
		start, took := e.now(), time.Duration(0)
		var status int
		var err error
		e.time.Wait(o.ctx, p.Timeout, patience, post.ErrTimeout, func(ctx context.Context) {
			began := time.Now()
			status, err = poster.Post(ctx, c.settings.url, body)
			took = time.Since(began)
		})
		if errors.Is(err, post.ErrTimeout) {
			took = p.Timeout // of which Advance may have taken some
		}
		if err != nil && o.ctx.Err() != nil {
			return // cut off by Close, so it is still pending, or by Reset
		}
		last := err == nil || try >= p.Tries || !post.IsTimeout(err) && !p.RetryErrors
		e.report(o, Callback{
			SubAppID: o.subAppID, Event: c.event, Content: c.content, URL: weburl.WithoutSecrets(c.settings.url),
			Try: try, Last: last, Start: start, Took: took, Status: status, Err: err,
		})
		if last || p.Gap > 0 && e.time.Sleep(o.ctx, p.Gap) != nil {
			return
		}
	}
}

// body returns what is posted: the event, signed if there is a key.
func (p Push) body(c callback, now time.Time) []byte {
	content := c.content
	if p.OldFormat {
		content = post.OldFormat(content)
	}
	signature := post.Signature{
		Key: c.settings.signKey, Ends: now.Add(p.Validity), QuoteT: p.QuoteT, LowerCase: p.LowerCase,
	}
	return signature.Sign(content)
}

func (o *outbox) remember(try Callback) {
	if len(try.Content) > maxKept {
		try.Content = nil
	}
	o.past.add(try)
}

// report counts a try and tells of it.
func (e *Emulator) report(o *outbox, c Callback) {
	e.mu.Lock()
	count := &o.count
	count.Tries++
	if c.Last {
		count.Pending--
		if c.Err == nil {
			count.Answered++
		} else {
			count.GivenUp++
		}
	}
	o.remember(c)
	e.mu.Unlock()
	if e.cfg.Push.Observe != nil {
		e.cfg.Push.Observe(c)
	}
}
