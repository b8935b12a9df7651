package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

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
	{Percent: 0.5, Action: "ConfirmEvents", Code: "InvalidParameter"},
	{Percent: 0.5, Action: "ConfirmEvents", Code: "InvalidParameter", After: true},
	{Percent: 0.5, Action: "ConfirmEvents", Code: "FailedOperation.EventHandleExpired"},
	{Percent: 0.5, Action: "ConfirmEvents", Code: "FailedOperation.EventHandleExpired", After: true},
	{Percent: 0.5, Action: "ConfirmEvents", Code: "ResourceNotFound"},
}

const (
	soakOdd  = 0.04 // of all pulls, and twice as many of the confirms, have an odd answer
	soakDead = 0.04 // of all confirms of several events meet a dead handle
)

// What VOD may call a dead handle: its documentation has no more than "parameter error".
var deadCodes = []string{
	"InvalidParameterValue", "InvalidParameterValue.EventHandles", "InvalidParameter", "ResourceNotFound",
	"FailedOperation.EventHandleExpired",
}

// A soakAPI is the emulator with faults, which tells the ledger what is handed out to whom, and who confirms it.
type soakAPI struct {
	ledger    *ledger
	emulator  *vodtest.Emulator
	elsewhere string // where redirects lead
	dice      *dice
	odd       map[string]*deck[oddCard] // by action
	codes     *deck[string]
	healed    atomic.Bool

	mu     sync.Mutex
	called map[string]chan struct{} // by process; closed with its first call
	dead   map[string]deadHandle
}

// A deadHandle is refused until its event is handed out again.
type deadHandle struct {
	code string
	ends time.Time
}

func newSoakAPI(ledger *ledger, seed uint64, elsewhere string) *soakAPI {
	d := newDice(seed, 2)
	api := &soakAPI{
		ledger: ledger, elsewhere: elsewhere, dice: newDice(seed, 4), odd: map[string]*deck[oddCard]{},
		called: map[string]chan struct{}{}, dead: map[string]deadHandle{},
	}
	for _, action := range []string{"PullEvents", "ConfirmEvents"} {
		cards := oddCards(action)
		api.odd[action] = newDeck(api.dice, cards...)
		for _, card := range cards {
			ledger.demand(card.title(action))
		}
	}
	api.codes = newDeck(api.dice, deadCodes...)
	for _, code := range deadCodes {
		ledger.demand("handles dead: " + code)
	}
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
func (a *soakAPI) heal() {
	a.healed.Store(true)
	a.emulator.Script()
}

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
	action := r.Header.Get("X-TC-Action")
	var request struct{ EventHandles []string }
	if action == "ConfirmEvents" {
		if err := json.Unmarshal(body, &request); err != nil {
			a.ledger.complain(nil, "%s sent a ConfirmEvents that is no JSON: %v", process, err)
		}
		a.ledger.confirming(process, request.EventHandles) // before it can take effect
		if code := a.refusal(request.EventHandles); code != "" {
			if len(request.EventHandles) > 1 { // alone, the refusal says all
				a.ledger.unsettled(process, "refused with "+code, request.EventHandles)
			}
			send(w, `{"Response":{"Error":{"Code":"`+code+`","Message":"a handle is dead"},"RequestId":"dead"}}`)
			return
		}
	}
	share := soakOdd
	if action == "ConfirmEvents" {
		share *= 2
	}
	if deck := a.odd[action]; deck != nil && !a.healed.Load() && a.dice.chance(share) {
		a.answerOddly(w, r, deck.deal(), process, request.EventHandles)
		return
	}
	if action != "ConfirmEvents" {
		w = &watchedAnswer{ResponseWriter: w, ledger: a.ledger, process: process}
	}
	a.emulator.ServeHTTP(w, r)
}

// answerOddly has the call take effect before, if the card says so. The ledger knows of it before the client does.
func (a *soakAPI) answerOddly(w http.ResponseWriter, r *http.Request, card oddCard, process string, handles []string) {
	action := r.Header.Get("X-TC-Action")
	real := []byte(`{"Response":{"RequestId":"odd"}}`)
	if card.after {
		answer := httptest.NewRecorder()
		a.emulator.ServeHTTP(answer, r)
		real = answer.Body.Bytes()
	}
	if card.name == oddMixture.name {
		a.ledger.handedOut(process, eventsOf(real))
	}
	if action == "ConfirmEvents" {
		a.ledger.unsettled(process, card.name, handles)
	}
	a.ledger.count(card.title(action), 1)
	card.write(a, w, real)
}

// refusal returns the code that a confirm is refused with, since one of its handles is dead. It then has no effect.
func (a *soakAPI) refusal(handles []string) (code string) {
	if a.healed.Load() {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for _, handle := range handles {
		if dead, ok := a.dead[handle]; ok && now.Before(dead.ends) {
			return dead.code
		}
	}
	if len(handles) < 2 || !a.dice.chance(soakDead) {
		return ""
	}
	code = a.codes.deal()
	a.dead[handles[a.dice.index(len(handles))]] = deadHandle{code, now.Add(soakWindow)}
	a.ledger.count("handles dead: "+code, 1)
	return code
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
	w.ledger.handedOut(w.process, eventsOf(body))
	return w.ResponseWriter.Write(body)
}

func eventsOf(body []byte) []events.Event {
	var answer struct {
		Response struct{ EventSet json.RawMessage }
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	return events.Split(answer.Response.EventSet)
}
