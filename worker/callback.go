package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// CallbackOptions are the settings of a Callback. The zero value of each field is its default.
type CallbackOptions struct {
	// SubAppID is the application that the events are of, since they do not say it. 0 is the default application.
	SubAppID uint64

	// SignKey is what VOD signs with, as set with ModifyEventConfig: up to 32 letters and digits. What is not signed
	// with it is refused. Empty: anybody who reaches the receiver may post events.
	SignKey string

	// Concurrency is how many events are handled at once: 64. Others wait: at most 1,024 events, and 32 MiB, are kept at
	// a time, those that wait for VOD's next try included.
	Concurrency int

	// Unmatched is what becomes of events that no handler wants: Confirm, which answers 200, by default, or
	// UnmatchedDeadLetter. Leave is an error: nobody else would get them.
	Unmatched Unmatched

	// DeadLetters, if not nil, is where events go that can't be handled: those that a handler rejects at once, the others
	// after VOD's last try. Attempts means nothing here: VOD tries three times. Without it such an event is lost,
	// and the log has it whole.
	DeadLetters *DeadLetters

	// Log is silent by default.
	Log zerolog.Logger

	Hooks CallbackHooks
}

// CallbackHooks tell what a Callback does as it happens. Each may be nil. They are called concurrently and must not block.
type CallbackHooks struct {
	Received     func(CallbackInfo) // after each POST
	Handled      func(HandleInfo)   // for each handler that was run, after all of an event have returned
	DeadLettered func(DeadLetter)   // after one was written
	Lost         func(DeadLetter)   // an event that is given up, and is not written
}

// CallbackInfo describes one POST.
type CallbackInfo struct {
	Type   events.Type // empty if the request was refused
	Status int         // of the answer; 0: none was given, so that VOD tries again
	Took   time.Duration
}

var signKeys = regexp.MustCompile(`^[0-9A-Za-z]{0,32}$`)

func (o *CallbackOptions) withDefaults() (CallbackOptions, error) {
	var opts CallbackOptions
	if o != nil {
		opts = *o
	}
	setDefault(&opts.Concurrency, 64)
	switch {
	case opts.Concurrency < 0:
		return opts, fmt.Errorf("concurrency of %d: it must be at least 1", opts.Concurrency)
	case !signKeys.MatchString(opts.SignKey):
		return opts, errors.New("the sign key must be up to 32 letters and digits, as VOD's are")
	case opts.DeadLetters != nil && opts.DeadLetters.Write == nil:
		return opts, errors.New("dead letters need a place to write to")
	case opts.Unmatched != UnmatchedConfirm && opts.Unmatched != UnmatchedDeadLetter:
		return opts, errors.New("unmatched must be Confirm or UnmatchedDeadLetter: a callback can't be left for others, VOD would drop it")
	case opts.Unmatched == UnmatchedDeadLetter && opts.DeadLetters == nil:
		return opts, errors.New("unmatched events can't be written to the dead letters without any")
	}
	return opts, nil
}

// A Callback receives VOD's normal callbacks: it is an [http.Handler] that hands each event to every handler that wants
// it. Create it with [NewCallback].
//
// VOD posts an event, takes any answer as delivered, and waits 5 s for one; only then, as far as is documented, does it
// try again, three times in all, and then the event is gone. So the answer is 200 as soon as all of the event's handlers
// have succeeded, or it lies in the dead letters. Otherwise there is none: the connection is held until VOD hangs up, for
// 6 s at most, and then closed. The handlers go on meanwhile, for up to 25 s: VOD's next try for the same event, which is
// known by its Key, joins them, or runs again those that have failed. An event that failed three times, or that VOD did
// not try again within 30 s, is given up: to the dead letters, or else to the log. A handler that is down is not noticed
// as a [Worker] does.
//
// What can't be an event, or is not signed, is refused (400, 403; bodies of more than 1 MiB: 413); VOD does not send it
// again. GET and HEAD are answered with 200, for whoever wants to know if it is there.
//
// It reads a body for 5 s at most. Limit the number of connections, the time for their headers and how long they may
// be idle in the [http.Server] that serves it; a WriteTimeout must be longer than 6 s.
type Callback struct {
	opts    CallbackOptions
	router  *Router
	bodies  bodies
	keys    chan struct{} // who computes a Key: decoding a whole event takes many times its size
	places  chan struct{} // events that are being handled
	logs    callbackLogs
	closing sync.Mutex // held by Shutdown

	// What outlives requests. Handlers run in work, which ends before alive does: with that, nobody waits any longer.
	work, alive      context.Context
	endWork, endLife context.CancelCauseFunc

	mu       sync.Mutex
	runs     runs
	warned   say.Types // of being unmatched
	news     []func()  // to be told once the lock is free
	telling  int       // goroutines that tell
	stopping bool
	changed  chan struct{} // tells Shutdown to look again
	status   CallbackStatus
}

// NewCallback returns a Callback that hands events to handlers. opts may be nil. It fails if there is no handler, if
// [NewRouter] would fail, and if the options contradict each other.
func NewCallback(handlers []Handler, opts *CallbackOptions) (*Callback, error) {
	if len(handlers) == 0 {
		return nil, errors.New("no handler: every event would be answered unseen")
	}
	router, err := NewRouter(handlers)
	if err != nil {
		return nil, err
	}
	options, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Callback{
		opts:    options,
		router:  router,
		bodies:  newBodies(),
		keys:    make(chan struct{}, maxKeys),
		places:  make(chan struct{}, options.Concurrency),
		logs:    newCallbackLogs(options.Log, router.order),
		runs:    newRuns(),
		changed: make(chan struct{}, 1),
	}
	c.alive, c.endLife = context.WithCancelCause(context.Background())
	c.work, c.endWork = context.WithCancelCause(c.alive)
	return c, nil
}

// holdTime is how long a request that is not answered is held: VOD hangs up after 5 s, and a proxy may take a while
// to notice.
const holdTime = 6 * time.Second

// ServeHTTP takes one request: see [Callback]. It panics with [http.ErrAbortHandler] to close a connection without an
// answer.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		c.post(w, r)
	case http.MethodGet, http.MethodHead:
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "VOD posts its events here", http.StatusMethodNotAllowed)
	}
}

// post is the life of a request.
func (c *Callback) post(w http.ResponseWriter, r *http.Request) {
	info, began := CallbackInfo{}, time.Now()
	defer func() {
		if hook := c.opts.Hooks.Received; hook != nil {
			info.Took = time.Since(began)
			hook(info)
		}
	}()
	hold, cancel := context.WithDeadline(r.Context(), began.Add(holdTime))
	defer cancel()
	event, body, err := c.receive(w, r)
	if refused, ok := errors.AsType[*refusal](err); ok {
		info.Status = refused.status
		c.refuse(w, r, refused)
		return
	}
	if err != nil {
		c.count(&c.status.Broken)
		panic(http.ErrAbortHandler)
	}
	info.Type = event.Type
	if !c.enter() {
		body.release()
		panic(http.ErrAbortHandler)
	}
	run := c.join(hold, event)
	body.release() // from here on a request holds no memory but that of its run
	answered := run.wait(hold, c.alive) && writeOK(w)
	c.leave(run, answered, time.Since(began))
	if !answered {
		panic(http.ErrAbortHandler) // to return would be to answer
	}
	info.Status = http.StatusOK
}

// writeOK writes a 200, and reports whether it could. That it could does not mean that it was read.
func writeOK(w http.ResponseWriter) bool {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	err := http.NewResponseController(w).Flush()
	return err == nil || errors.Is(err, http.ErrNotSupported)
}

// A refusal is an answer to what is no event of VOD's.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

// refuse answers. The log says it, since VOD takes it as delivered: a key that is wrong here costs every event.
func (c *Callback) refuse(w http.ResponseWriter, r *http.Request, refused *refusal) {
	switch refused.status {
	case http.StatusForbidden:
		c.count(&c.status.Forbidden)
	default:
		c.count(&c.status.Invalid)
	}
	c.logs.refused.Warn().Int("status", refused.status).Str("why", refused.why).Str("from", r.RemoteAddr).
		Msg("request refused; if it was VOD's it does not come again")
	http.Error(w, http.StatusText(refused.status), refused.status)
}

// tell has something told once the lock, which must be held, is free: hooks may ask for the Status, and a line of the log may
// be as large as an event.
func (c *Callback) tell(news func()) { c.news = append(c.news, news) }

// unlock frees the lock, and tells what was to be told. Shutdown waits for that.
func (c *Callback) unlock() {
	news := c.news
	c.news = nil
	if len(news) == 0 {
		c.mu.Unlock()
		return
	}
	c.telling++
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.telling--
		c.tellShutdown()
		c.mu.Unlock()
	}()
	for _, tell := range news {
		tell()
	}
}

func (c *Callback) count(field *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*field++
}
