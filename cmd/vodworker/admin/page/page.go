// Package page is the status page of a process: what became of its last events, how its handlers do, and its dead letters.
// It speaks for one process. What it shows comes from end users too, so it is text wherever it goes.
package page

import (
	"context"
	"embed"
	"net/http"
	"os"
	"path"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/letters"
)

// Options are what a Page shows. History is required.
type Options struct {
	History      *History
	Version      string
	Applications []Application // that are consumed
	LongestPause time.Duration // from the end of a poll to that of the next, in one that lives; required with Applications
	Handlers     []Handler
	Callback     string // where callbacks are received; empty: nowhere

	// Inbox tells of the inbox, and Find what it has of a file, a task or an event, some events at most; nil if there is none.
	Inbox func() inbox.Status
	Find  func(ctx context.Context, id string, most int) ([]inbox.Event, error)

	// Letters are those that can be listed; nil if there are none. Router replays them.
	Letters   letters.Store
	LettersAt string // for people: where letters go; empty: nowhere
	Router    *worker.Router

	// Stopping is closed when the process is told to end: a replay is then interrupted.
	Stopping <-chan struct{}
	Log      zerolog.Logger
}

// An Application is one queue that is consumed.
type Application struct {
	Name     string
	SubAppID uint64
	Status   func() worker.Status

	// Trouble says what keeps events from being pulled, as VOD told it last; empty if nothing does.
	Trouble func() string
}

// A Handler is what is configured.
type Handler struct {
	Name   string
	Place  string   // what it does with events, without a secret
	Events []string // that it wants; none: all
	Behind bool     // the inbox
}

// A Page answers browsers and explain. Whoever serves it sees to who may ask.
type Page struct {
	o         Options
	replica   string
	troubles  troubles
	replaying sync.Mutex
	listing   chan struct{} // has the one that lists letters
	mux       *http.ServeMux
}

// New returns a Page.
func New(o Options) *Page {
	p := &Page{o: o, listing: make(chan struct{}, 1), mux: http.NewServeMux()}
	p.replica, _ = os.Hostname() // without one it says nothing
	p.mux.HandleFunc("GET /{$}", p.file)
	p.mux.HandleFunc("GET /page/{name}", p.file)
	p.mux.HandleFunc("GET /api/state", p.state)
	p.mux.HandleFunc("GET /api/event", p.event)
	p.mux.HandleFunc("GET /api/explain", p.explain)
	p.mux.HandleFunc("GET /api/letters", p.withLetters(p.letters))
	p.mux.HandleFunc("GET /api/letter", p.withLetters(p.letter))
	p.mux.HandleFunc("POST /api/replay", p.withLetters(p.replay))
	p.mux.HandleFunc("POST /api/purge", p.withLetters(p.purge))
	return p
}

func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

//go:embed web
var web embed.FS

var types = map[string]string{".html": "text/html", ".css": "text/css", ".js": "text/javascript"}

func (p *Page) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if name == "" {
		name = "page.html"
	}
	content, err := web.ReadFile("web/" + path.Base(name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)]+"; charset=utf-8")
	_, _ = w.Write(content)
}
