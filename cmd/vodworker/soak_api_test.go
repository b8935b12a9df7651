package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// What befalls the calls of the API, each as often as its share. Pulls that take effect in vain hide up to 16 events for a
// window; those that hang hold their process up for 10 s, so they are few.
var soakFaults = []vodtest.Fault{
	{Percent: 2, Kind: vodtest.FaultBadGateway},
	{Percent: 1, Kind: vodtest.FaultBadGateway, After: true},
	{Percent: 1, Kind: vodtest.FaultReset},
	{Percent: 1.5, Kind: vodtest.FaultReset, After: true},
	{Percent: 1.5, Kind: vodtest.FaultCut},
	{Percent: 0.2, Kind: vodtest.FaultHang},
	{Percent: 0.2, Kind: vodtest.FaultHang, After: true},
	{Percent: 1, Kind: vodtest.FaultOdd, After: true},
	{Percent: 2, Code: "InternalError"},
	{Percent: 1, Code: "InternalError", After: true},
	{Percent: 1, Code: "RequestLimitExceeded"},
}

// A soakAPI is the emulator with faults, which tells the ledger what is handed out to whom, and who confirms it.
type soakAPI struct {
	ledger   *ledger
	emulator *vodtest.Emulator

	mu     sync.Mutex
	called map[string]chan struct{} // by process; closed with its first call
}

func newSoakAPI(ledger *ledger, seed uint64) *soakAPI {
	d := newDice(seed, 2)
	api := &soakAPI{ledger: ledger, called: map[string]chan struct{}{}}
	config := vodtest.Config{
		Window:       soakWindow,
		Seed:         seed,
		Empty:        vodtest.Empty(d.pick(0.25, 0.25, 0.25, 0.25)),
		AllOrNothing: d.chance(0.5),
		Reconfirm:    d.chance(0.5),
		KeepHandle:   d.chance(0.5),
		Observe:      ledger.observe,
	}
	ledger.t.Logf("emulator: empty %d, all-or-nothing %v, reconfirm %v, keep-handle %v",
		config.Empty, config.AllOrNothing, config.Reconfirm, config.KeepHandle)
	api.emulator = vodtest.New(config)
	api.emulator.Script(soakFaults...)
	return api
}

// heal ends the faults.
func (a *soakAPI) heal() { a.emulator.Script() }

// firstCall returns a channel that is closed when the process calls for the first time.
func (a *soakAPI) firstCall(process string) chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.called[process]
	if c == nil {
		c = make(chan struct{})
		a.called[process] = c
	}
	return c
}

func (a *soakAPI) seen(process string) {
	c := a.firstCall(process)
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-c:
	default:
		close(c)
	}
}

func (a *soakAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	process := r.Header.Get("X-TC-Region")
	a.seen(process)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // it was killed while it asked
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.Header.Get("X-TC-Action") == "ConfirmEvents" {
		var request struct{ EventHandles []string }
		if err := json.Unmarshal(body, &request); err != nil {
			a.ledger.complain(nil, "%s sent a ConfirmEvents that is no JSON: %v", process, err)
		}
		a.ledger.confirming(process, request.EventHandles) // before it can take effect
	} else {
		w = &watchedAnswer{ResponseWriter: w, ledger: a.ledger, process: process}
	}
	a.emulator.ServeHTTP(w, r)
}

// A watchedAnswer tells the ledger of the events in an answer before they are sent.
type watchedAnswer struct {
	http.ResponseWriter
	ledger  *ledger
	process string
}

func (w *watchedAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write takes the whole answer at once, as the emulator writes it. Half of one, or none, hands nothing out.
func (w *watchedAnswer) Write(body []byte) (int, error) {
	var answer struct {
		Response struct{ EventSet json.RawMessage }
	}
	if json.Unmarshal(body, &answer) == nil {
		w.ledger.handedOut(w.process, events.Split(answer.Response.EventSet))
	}
	return w.ResponseWriter.Write(body)
}
