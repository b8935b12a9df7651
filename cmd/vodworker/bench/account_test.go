package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest"
)

type accountOptions struct {
	Kind   vodtest.QuotaKind
	Broken int // events that a receiver refuses; if there are any, the others are of 2 KB
}

// Applications of the account. Both always have events that wait.
const (
	ours       = 0 // the replicas pull from it
	neighbours = 1
)

// Calls are those of one replica that were answered.
type calls struct {
	Pulls, Confirms               int // admitted
	PullsRefused, ConfirmsRefused int // as the quota was used up
}

// A snapshot is what an account has seen so far.
type snapshot struct {
	At     time.Time
	Calls  map[string]calls // by SecretId
	Events vodtest.Stats    // of our application
	CPU    time.Duration    // of the account's process
}

// An account is an emulator with the documented quota that keeps account of who calls: by the key, of which each replica has
// its own. So the replicas have one queue, as those of a Deployment do.
type account struct {
	emulator *vodtest.Emulator

	mu    sync.Mutex
	calls map[string]calls
}

// keepAccount serves an account until it is told to end.
func keepAccount(o accountOptions) error {
	quota := vodtest.DocumentedQuota()
	quota.Kind = o.Kind
	a := &account{
		emulator: vodtest.New(vodtest.Config{RoundTrip: 20 * ms, Quota: quota, Hold: hold}),
		calls:    map[string]calls{},
	}
	go a.refill(o.Broken)
	mux := http.NewServeMux()
	mux.Handle("/", a)
	mux.HandleFunc("GET /key", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(a.emulator.Issue(0)) })
	mux.HandleFunc("GET /snapshot", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		_ = json.NewEncoder(w).Encode(snapshot{time.Now(), a.calls, a.emulator.Stats(ours), ownCPU()})
	})
	serve(mux)
	return nil
}

// refill keeps a second's events waiting, and more.
func (a *account) refill(refused int) {
	uploads := refused > 0
	for number := 0; ; time.Sleep(100 * ms) {
		for _, application := range []uint64{ours, neighbours} {
			for range 2*ceiling - a.emulator.Stats(application).Waiting {
				number++
				event := fmt.Appendf(nil, `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, number)
				switch {
				case refused > 0 && application == ours && number%brokenOne == 0:
					refused--
					event = brokenEvent(number)
				case uploads:
					a.emulator.Upload(application, fmt.Sprintf("order %d.mp4", number))
					continue
				}
				if err := a.emulator.Send(application, event); err != nil {
					panic(err)
				}
			}
		}
	}
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &looked{ResponseWriter: w}
	a.emulator.ServeHTTP(answer, r)
	if !answer.written {
		return // whoever called has left
	}
	_, signer, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(signer, "/")
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.calls[key]
	switch pull := r.Header.Get("X-TC-Action") == "PullEvents"; {
	case pull && answer.refused:
		c.PullsRefused++
	case pull:
		c.Pulls++
	case answer.refused:
		c.ConfirmsRefused++
	default:
		c.Confirms++
	}
	a.calls[key] = c
}

// A looked is an answer that was looked at as it was written.
type looked struct {
	http.ResponseWriter
	written, refused bool
}

func (l *looked) Write(p []byte) (int, error) {
	l.written = true
	l.refused = l.refused || bytes.Contains(p[:min(len(p), 300)], []byte("RequestLimitExceeded"))
	return l.ResponseWriter.Write(p)
}

type neighbourOptions struct {
	Endpoint string
}

// neighbour takes all it can of the quota of both actions, until it is told to end.
func neighbour(o neighbourOptions) error {
	ctx, cancel := untilStopped()
	defer cancel()
	client, err := sdkClient(o.Endpoint)
	if err != nil {
		return err
	}
	application, handle := uint64(neighbours), "none" // a call with a bad handle counts too
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			pull := vod.NewPullEventsRequest()
			pull.SubAppId = &application
			for ctx.Err() == nil {
				_, _ = client.PullEventsWithContext(ctx, pull)
			}
		})
		callers.Go(func() {
			confirm := vod.NewConfirmEventsRequest()
			confirm.SubAppId, confirm.EventHandles = &application, []*string{&handle}
			for ctx.Err() == nil {
				_, _ = client.ConfirmEventsWithContext(ctx, confirm)
			}
		})
	}
	callers.Wait()
	return nil
}
