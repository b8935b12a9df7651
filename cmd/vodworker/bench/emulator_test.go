package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
	Quota     vodtest.Quota
	Hold      time.Duration // 0: hold
	Uploads   bool          // events of 2 KB
}

// A tally is what an emulator has seen so far.
type tally struct {
	Pulls, Empty, Confirms, Refused int // calls; of the pulls, those that brought nothing

	HandedOut, Confirmed int // events

	First     time.Time     // call's arrival
	Early     mark          // when a tenth of the backlog was confirmed
	Late      mark          // and nine tenths
	Last      time.Time     // when the last event was
	LeastLeft time.Duration // of the window of an event, when it was confirmed
	P50, P99  time.Duration // from the end of a pull to the end of the confirm
	CPU       time.Duration // of the emulator's process
}

type mark struct {
	At        time.Time
	Confirmed int
}

// steady is how many events were confirmed in a second, without the beginning and the end.
func (t tally) steady() float64 {
	return float64(t.Late.Confirmed-t.Early.Confirmed) / t.Late.At.Sub(t.Early.At).Seconds()
}

func (t tally) took() time.Duration { return t.Last.Sub(t.First) }

// callsPerEvent leaves out the pulls of an empty queue: a backlog has none.
func (t tally) callsPerEvent() float64 {
	return float64(t.Pulls-t.Empty+t.Confirms) / float64(t.Confirmed)
}

// A keeper of a tally is told of each call.
type keeper struct {
	mu      sync.Mutex
	tally   tally
	handed  map[string]time.Time // when each handle was handed out
	took    []time.Duration      // until each was confirmed
	backlog int
	called  chan struct{} // closed with the first call
	all     chan struct{} // closed once the backlog is confirmed
}

const window = 30 * time.Second

func (k *keeper) observe(call vodtest.Call) {
	at := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	t := &k.tally
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
			k.handed[handle] = at
		}
	case "ConfirmEvents":
		t.Confirms++
		for _, handle := range call.Confirmed {
			took := at.Sub(k.handed[handle])
			t.LeastLeft = min(t.LeastLeft, window-took)
			k.took = append(k.took, took)
			delete(k.handed, handle)
		}
		k.confirmed(mark{at, t.Confirmed + len(call.Confirmed)})
	}
}

// arrived notes the first call, before it is over.
func (k *keeper) arrived() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tally.First.IsZero() {
		k.tally.First = time.Now()
		close(k.called)
	}
}

func (k *keeper) confirmed(m mark) {
	t := &k.tally
	passes := func(n int) bool { return t.Confirmed < n && m.Confirmed >= n }
	if passes(max(1, k.backlog/10)) {
		t.Early = m
	}
	if passes(k.backlog - k.backlog/10) {
		t.Late = m
	}
	if passes(k.backlog) {
		close(k.all)
	}
	t.Confirmed, t.Last = m.Confirmed, m.At
}

// emulate serves an emulator, and its tally beside it, until it is told to end.
func emulate(o emulatorOptions) error {
	k := &keeper{
		backlog: o.Backlog, tally: tally{LeastLeft: window}, handed: map[string]time.Time{},
		called: make(chan struct{}), all: make(chan struct{}),
	}
	config := vodtest.Config{RoundTrip: o.RoundTrip, Quota: o.Quota, Hold: o.Hold, Window: window, Observe: k.observe}
	if o.Hold == 0 {
		config.Hold = hold
	}
	emulator := vodtest.New(config)
	for i := range o.Backlog {
		if o.Uploads {
			emulator.Upload(0, fmt.Sprintf("order %d.mp4", i))
			continue
		}
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
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		k.arrived()
		emulator.ServeHTTP(w, r)
	})
	mux.HandleFunc("/tally", func(w http.ResponseWriter, r *http.Request) {
		if wanted := map[string]chan struct{}{whenCalled: k.called, whenAll: k.all}[r.FormValue("when")]; wanted != nil {
			select {
			case <-wanted:
			case <-r.Context().Done():
				return
			}
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.tally.CPU = ownCPU() - before
		if n := len(k.took); n > 0 {
			slices.Sort(k.took)
			k.tally.P50, k.tally.P99 = k.took[n/2], k.took[n*99/100]
		}
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
type emulator struct{ server }

func startEmulator(tb testing.TB, o emulatorOptions) emulator {
	tb.Helper()
	return emulator{startServer(tb, "emulator", o)}
}

// What a tally may be waited for.
const (
	whenNow    = ""
	whenCalled = "called" // for the first time
	whenAll    = "all"    // of the backlog is confirmed
)

func (e emulator) tally(tb testing.TB, when string) (t tally) {
	tb.Helper()
	if err := e.get("/tally?when="+when, &t); err != nil {
		seen := "nothing more"
		if when != whenNow {
			seen = fmt.Sprintf("%+v", e.tally(tb, whenNow))
		}
		tb.Fatalf("wait for what the emulator sees: %v; so far %s", err, seen)
	}
	return t
}
