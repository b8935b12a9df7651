package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// hold is how long a pull waits for an event: less than VOD's 5 s, so that what has nothing to do any more ends soon.
const hold = 200 * time.Millisecond

type emulatorOptions struct {
	Backlog   int           // events that wait when it has started
	Every     time.Duration // afterwards another one after each of these; 0: none
	RoundTrip time.Duration
	Quota     bool          // the documented one; else calls are not limited
	Hold      time.Duration // 0: hold
}

// A tally is what an emulator has seen so far.
type tally struct {
	Pulls, Empty, Confirms, Refused int // calls; of the pulls, those that brought nothing

	HandedOut, Confirmed int // events

	First                     time.Time // call's arrival
	FirstConfirm, LastConfirm time.Time // that had an effect
	Beginning                 int       // events of the first confirm
	LeastLeft                 time.Duration
	CPU                       time.Duration // of its process
}

// perSecond is how many events were confirmed in a second, from the first confirm to the last.
func (t tally) perSecond() float64 {
	return float64(t.Confirmed-t.Beginning) / t.LastConfirm.Sub(t.FirstConfirm).Seconds()
}

// callsPerEvent leaves out the pulls of an empty queue: a backlog has none.
func (t tally) callsPerEvent() float64 {
	return float64(t.Pulls-t.Empty+t.Confirms) / float64(t.Confirmed)
}

// A keeper of a tally is told of each call.
type keeper struct {
	mu      sync.Mutex
	tally   tally
	handed  map[string]time.Time // when each handle was handed out
	expects int
	all     chan struct{} // closed once all that was expected is confirmed
}

const window = 30 * time.Second

func (k *keeper) observe(call vodtest.Call) {
	now := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	t := &k.tally
	if t.First.IsZero() {
		t.First = call.Start
	}
	if api, is := call.Err.(*vodtest.APIError); is && api.Code == "RequestLimitExceeded" {
		t.Refused++
	}
	switch call.Action {
	case "PullEvents":
		t.Pulls++
		if len(call.Handles) == 0 {
			t.Empty++
		}
		t.HandedOut += len(call.Handles)
		for _, handle := range call.Handles {
			k.handed[handle] = now
		}
	case "ConfirmEvents":
		t.Confirms++
		for _, handle := range call.Confirmed {
			t.LeastLeft = min(t.LeastLeft, window-now.Sub(k.handed[handle]))
			delete(k.handed, handle)
		}
		if len(call.Confirmed) == 0 {
			return
		}
		if t.Confirmed == 0 {
			t.FirstConfirm, t.Beginning = now, len(call.Confirmed)
		}
		before := t.Confirmed
		t.Confirmed, t.LastConfirm = before+len(call.Confirmed), now
		if before < k.expects && t.Confirmed >= k.expects {
			close(k.all)
		}
	}
}

// emulate serves an emulator, and its tally beside it, until it is told to end.
func emulate(o emulatorOptions) error {
	k := &keeper{expects: o.Backlog, handed: map[string]time.Time{}, all: make(chan struct{}), tally: tally{LeastLeft: window}}
	config := vodtest.Config{RoundTrip: o.RoundTrip, Hold: o.Hold, Window: window, Observe: k.observe}
	if o.Hold == 0 {
		config.Hold = hold
	}
	if o.Quota {
		config.Quota = vodtest.DocumentedQuota()
	}
	emulator := vodtest.New(config)
	for i := range o.Backlog {
		queue(emulator, i)
	}
	if o.Every > 0 {
		go func() {
			for i := 0; ; i++ {
				time.Sleep(o.Every)
				queue(emulator, i)
			}
		}()
	}
	before := ownCPU()
	mux := http.NewServeMux()
	mux.Handle("/", emulator)
	mux.HandleFunc("/tally", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("when") == "all" {
			select {
			case <-k.all:
			case <-r.Context().Done():
				return
			}
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.tally.CPU = ownCPU() - before
		_ = json.NewEncoder(w).Encode(k.tally)
	})
	serve(mux)
	return nil
}

// queue queues an event of 4 KB, with the keys that it does not use as null, as VOD sends it.
func queue(emulator *vodtest.Emulator, number int) {
	emulator.Process(0, fmt.Sprintf("528548%013d", number), fmt.Sprintf("order %d", number))
}

// An emulator in a process of its own.
type emulator struct {
	*process
	url string
}

func startEmulator(tb testing.TB, o emulatorOptions) *emulator {
	tb.Helper()
	p := start(tb, "emulator", as("emulator", o))
	return &emulator{p, p.line(tb)}
}

func (e *emulator) tally(tb testing.TB) tally {
	tb.Helper()
	return e.ask(tb, "/tally", time.Minute)
}

// tallyOfAll waits until the backlog is confirmed.
func (e *emulator) tallyOfAll(tb testing.TB, patience time.Duration) tally {
	tb.Helper()
	return e.ask(tb, "/tally?when=all", patience)
}

func (e *emulator) ask(tb testing.TB, path string, patience time.Duration) tally {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	var t tally
	if err := getJSON(ctx, e.url+path, &t); err != nil {
		tb.Fatalf("ask the emulator what it has seen: %v", err)
	}
	return t
}

func getJSON(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	return json.NewDecoder(answer.Body).Decode(into)
}
