package callback

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// A Receiver receives normal callbacks: it is an [http.Handler] that hands each event to every handler that wants it. It is
// safe for concurrent use. Create it with [New], serve it with a [Server], end it with [Receiver.Shutdown].
type Receiver struct {
	opts    Options
	router  *worker.Router
	logs    logs
	bodies  bodies
	places  chan struct{} // events that are being handled
	closing sync.Mutex    // held by Shutdown
	changed chan struct{} // wakes Shutdown
	guarded guarded

	// Who computes a Key: decoding a whole event takes many times its size.
	keys, largeKeys chan struct{}

	// What outlives requests. Handlers run in work, which ends before alive does: with that, nobody waits any longer.
	work, alive      context.Context
	endWork, endLife context.CancelCauseFunc
}

// New returns a Receiver that hands events to handlers. opts may be nil. It fails if there is no handler, if
// [worker.NewRouter] would fail, and if the options contradict each other.
func New(handlers []worker.Handler, opts *Options) (*Receiver, error) {
	if len(handlers) == 0 {
		return nil, errors.New("no handler: every event would be answered unseen")
	}
	router, err := worker.NewRouter(handlers)
	if err != nil {
		return nil, err
	}
	options, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Receiver{
		opts:    options,
		router:  router,
		logs:    newLogs(options.Log, router.Handlers()),
		bodies:  newBodies(options.SignKeys),
		places:  make(chan struct{}, options.Concurrency),
		changed: make(chan struct{}, 1),

		keys: make(chan struct{}, maxKeys), largeKeys: make(chan struct{}, 1),
	}
	r.guarded.state = state{receiver: r, runs: newRuns()}
	r.alive, r.endLife = context.WithCancelCause(context.Background())
	r.work, r.endWork = context.WithCancelCause(r.alive)
	return r, nil
}

// unreadTime is how long the rest of a request that was answered early is read, for the answer to arrive.
const unreadTime = time.Second

// holdTime is how long a request that is not answered is held: VOD hangs up after 5 s, and a proxy may take a while
// to notice.
const holdTime = 6 * time.Second

// ServeHTTP takes one request: see the package's documentation. It panics with [http.ErrAbortHandler] to close a connection
// without an answer.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	switch request.Method {
	case http.MethodPost:
		r.post(w, request)
	case http.MethodGet, http.MethodHead:
		leaveUnread(w, request)
	default:
		leaveUnread(w, request)
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "VOD posts its events here", http.StatusMethodNotAllowed)
	}
}

// post is the life of a request.
func (r *Receiver) post(w http.ResponseWriter, request *http.Request) {
	info, began := RequestInfo{SubAppID: r.opts.SubAppID}, time.Now()
	defer func() {
		if hook := r.opts.Hooks.Received; hook != nil {
			info.Took = time.Since(began)
			hook(info)
		}
	}()
	hold, cancel := context.WithDeadline(request.Context(), began.Add(holdTime))
	defer cancel()
	event, body, err := r.receive(w, request)
	if large, ok := errors.AsType[*tooLarge](err); ok {
		err = large.refuse(r.bodies.keys, request.Body)
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		info.Status = refused.status
		r.refuse(w, request, refused)
		return
	}
	if err != nil {
		r.onBroken()
		panic(http.ErrAbortHandler)
	}
	info.Type = event.Type
	if !r.enter() {
		body.release()
		panic(http.ErrAbortHandler)
	}
	placeIn(hold).to(kept)
	run, answer := r.join(hold, event)
	body.release() // from here on a request holds no memory but that of its run
	answered := answer.wait(hold, r.alive) && writeOK(w)
	r.leave(run, answered, time.Since(began))
	if !answered {
		panic(http.ErrAbortHandler) // to return would be to answer
	}
	info.Status = http.StatusOK
}

// receive reads one event. The error is a refusal, or says why it did not come. Nobody takes room from another before this
// has succeeded. The body is the caller's to release.
func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) (events.Event, *body, error) {
	read, err := r.bodies.read(w, request)
	if err != nil {
		return events.Event{}, nil, err
	}
	event, err := r.admit(read.bytes, time.Now())
	if err != nil {
		read.release()
		return events.Event{}, nil, err
	}
	return event, read, nil
}

// admit returns the event that a body is, or the refusal.
func (r *Receiver) admit(body []byte, now time.Time) (events.Event, error) {
	event, err := events.Decode(body)
	if err != nil {
		// Its text quotes the body, of which the beginning may be a signature.
		return events.Event{}, errNoEvent()
	}
	sign, t := event.Signature()
	if why := r.bodies.keys.check(sign, t, now); why != "" {
		return events.Event{}, &refusal{status: http.StatusForbidden, why: why}
	}
	event.SubAppID, event.Handle = r.opts.SubAppID, ""
	return event, nil
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
	event  events.Event // as far as it was read and is worth a word; Raw need not be JSON
	lost   bool         // it was VOD's
}

func (r *refusal) Error() string { return r.why }

// refuse answers. The log says it, since VOD takes it as delivered: a key that is wrong here costs every event.
func (r *Receiver) refuse(w http.ResponseWriter, request *http.Request, refused *refusal) {
	leaveUnread(w, request)
	defer http.Error(w, http.StatusText(refused.status), refused.status)
	if refused.lost {
		r.lose(refused)
		return
	}
	s := r.lock()
	switch refused.status {
	case http.StatusForbidden:
		s.status.Forbidden++
	default:
		s.status.Invalid++
	}
	s.unlock()
	r.logs.refused.Warn().Int("status", refused.status).EmbedObject(refused).Str("from", request.RemoteAddr).
		Msg("request refused; if it was VOD's it does not come again")
}

// leaveUnread says that the connection ends with the answer: of a body, what is not there soon is not waited for.
func leaveUnread(w http.ResponseWriter, request *http.Request) {
	if request.ContentLength != 0 {
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTime))
	}
}

// onBroken counts a request whose body did not come.
func (r *Receiver) onBroken() {
	s := r.lock()
	defer s.unlock()
	s.status.Broken++
}

// logs are for what can come in hundreds.
type logs struct {
	handlers                     map[string]zerolog.Logger
	refused, overloaded, letters zerolog.Logger
}

func newLogs(log zerolog.Logger, handlers []string) logs {
	logs := logs{map[string]zerolog.Logger{}, say.Sampled(log), say.Sampled(log), say.Sampled(log)}
	for _, name := range handlers {
		logs.handlers[name] = say.Sampled(log)
	}
	return logs
}
