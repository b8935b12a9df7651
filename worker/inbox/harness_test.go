package inbox

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A rig is a process with an inbox, on a database that others may use too.
type rig struct {
	*Inbox
	t      *testing.T
	db     *fake
	log    *syncBuffer
	cancel context.CancelFunc
	ended  chan error
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// open opens an inbox, to be closed.
func open(t *testing.T, db *fake, o Options, handlers ...worker.Handler) *rig {
	t.Helper()
	r := &rig{t: t, db: db, log: &syncBuffer{}, ended: make(chan error, 1)}
	o.Log = zerolog.New(r.log).Level(zerolog.InfoLevel)
	i, err := prepare(handlers, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.start(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	r.Inbox = i
	return r
}

// working opens an inbox, and runs it until stop.
func working(t *testing.T, db *fake, o Options, handlers ...worker.Handler) *rig {
	t.Helper()
	r := open(t, db, o, handlers...)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { r.ended <- r.Run(ctx) }()
	return r
}

// stop stops what runs, and closes the inbox.
func (r *rig) stop() {
	r.t.Helper()
	if r.cancel != nil {
		r.cancel()
		if err := <-r.ended; err != nil {
			r.t.Errorf("Run: %v", err)
		}
	}
	if err := r.Close(); err != nil {
		r.t.Errorf("Close: %v", err)
	}
}

// store stores n events, from the first of this number on.
func (r *rig) store(first, n int) error {
	for i := range n {
		if err := r.Handler().Handle(r.t.Context(), upload(r.t, first+i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) mustStore(first, n int) {
	r.t.Helper()
	if err := r.store(first, n); err != nil {
		r.t.Fatal(err)
	}
}

// pullOne stores an event, and pulls it as the worker of the first handler would, where none runs.
func (r *rig) pullOne() (*keeper, worker.Batch) {
	r.t.Helper()
	k := r.hub.keepers[0]
	k.signal = r.t.Context()
	r.mustStore(1, 1)
	batch, err := k.Pull(r.t.Context())
	if err != nil || len(batch.Events) != 1 {
		r.t.Fatalf("%+v, %v", batch, err)
	}
	return k, batch
}

func (r *rig) id() string {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	return r.hub.life.id
}

func upload(t *testing.T, n int) events.Event {
	t.Helper()
	const content = `{"EventHandle":"h%d","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`
	e, err := events.Decode(fmt.Appendf(nil, content, n, n))
	if err != nil {
		t.Fatal(err)
	}
	e.Handle, e.SubAppID = fmt.Sprintf("h%d", n), 7
	return e
}

func handler(name string, handle func(context.Context, events.Event) error) worker.Handler {
	return worker.Handler{Name: name, Handle: handle, Retry: worker.Retry{Tries: 1}}
}

// A book notes which files came, in their order.
type book struct {
	mu   sync.Mutex
	came []string
}

func (b *book) handle(_ context.Context, e events.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.came = append(b.came, e.FileID())
	return nil
}

// slowly takes so long, or as long as it may.
func (b *book) slowly(d time.Duration) func(context.Context, events.Event) error {
	return func(ctx context.Context, e events.Event) error {
		_ = b.handle(ctx, e)
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *book) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.came)
}

func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (r *rig) wantStates(waiting, running, finished, dead int) {
	r.t.Helper()
	got := [4]int{}
	for s := range got {
		got[s] = r.db.state(store.State(s))
	}
	wantEqual(r.t, "jobs that wait, run, are finished, are dead", got, [4]int{waiting, running, finished, dead})
}
