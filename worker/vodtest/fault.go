package vodtest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
)

// A Fault says which calls go wrong, and how. The calls are those of Action for one SubAppID, as [Call].Number
// counts them; each SubAppID has its own count.
//
//	Fault{Action: "PullEvents", First: 3, Kind: FaultBadGateway}                   // the third
//	Fault{First: 2, Last: 5, Code: "InternalError", After: true}                   // of each action
//	Fault{Action: "ConfirmEvents", Every: 10, Kind: FaultHang}                     // 10, 20, 30 …
//	Fault{Action: "PullEvents", Percent: 5, Kind: FaultReset}                      // one in twenty
//
// [ParseFaults] reads the same from text.
type Fault struct {
	// Action is the name of an action; empty: any.
	Action string

	// First and Last are the first and the last of the calls. Both 0: all calls. Last 0: only the first.
	First, Last int

	// Every picks, of these, the calls whose number it divides. 0: all of them.
	Every int

	// Percent picks, instead of Every, so many of a hundred. Which, [Config].Seed decides: the number of a call alone,
	// and not when it comes. 0: all of them.
	Percent float64

	// Kind is what happens. Its zero value answers the API error Code.
	Kind FaultKind

	// After makes the call take effect first: events are leased or confirmed although the caller does not learn of
	// it. Otherwise the call has no effect. FaultCut always takes effect.
	After bool

	// Code is the API error of FaultError; empty: InternalError.
	Code string
}

// A FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds of fault. Those after FaultError are an error that is no [*APIError] to [Emulator.Pull] and
// [Emulator.Confirm].
const (
	FaultError      FaultKind = ""      // an API error
	FaultReset      FaultKind = "reset" // the connection is closed without an answer
	FaultCut        FaultKind = "cut"   // half of the right answer, then the connection is closed
	FaultHang       FaultKind = "hang"  // no answer until the caller leaves or the emulator is closed
	FaultBadGateway FaultKind = "502"   // HTTP status 502 with a page of HTML
	FaultOdd        FaultKind = "odd"   // the answer {}
)

// Script makes calls go wrong from now on. Of several faults that fit a call the first one meets it. It replaces
// what an earlier Script or ScriptFunc said; without faults all goes well again. It panics if a fault has both Every and
// Percent.
func (e *Emulator) Script(faults ...Fault) {
	faults = slices.Clone(faults)
	for _, f := range faults {
		if f.Every != 0 && f.Percent != 0 {
			panic("vodtest: a Fault has both Every and Percent")
		}
	}
	choose := func(c Call) *Fault {
		for i := range faults {
			if f := &faults[i]; f.meets(c) && (f.Percent == 0 || roll(e.cfg.Seed, i, c) < f.Percent) {
				return &faults[i]
			}
		}
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.choose, e.script = choose, faults
}

// ScriptFunc leaves the choice to a function that is asked once for each call, when it arrives; nil means that the
// call goes well. Which calls a returned Fault names is not looked at. The function must be safe for concurrent use.
// It replaces what an earlier Script or ScriptFunc said.
func (e *Emulator) ScriptFunc(choose func(Call) *Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.choose, e.script = choose, nil
}

func (f *Fault) meets(c Call) bool {
	if f.Action != "" && f.Action != c.Action {
		return false
	}
	if f.First != 0 || f.Last != 0 {
		if c.Number < f.First || c.Number > max(f.First, f.Last) {
			return false
		}
	}
	return f.Every == 0 || c.Number%f.Every == 0
}

// roll returns a number of at least 0 and below 100, which is the same one for the same call, fault and seed.
func roll(seed uint64, fault int, c Call) float64 {
	hash := fnv.New64a()
	_, _ = fmt.Fprintln(hash, seed, fault, c.Action, c.SubAppID, c.Number) // a hash takes everything
	return 100 * float64(scramble(hash.Sum64())>>11) / (1 << 53)
}

func (f *Fault) takesEffect() bool { return f.After || f.Kind == FaultCut }

func (f *Fault) code() string { return cmp.Or(f.Code, "InternalError") }
