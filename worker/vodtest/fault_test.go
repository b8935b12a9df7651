package vodtest

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

// outcomes is how each kind of fault looks from outside.
var outcomes = []struct {
	name   string
	fault  Fault
	code   string // of the API error; none: no answer
	status int    // over HTTP; 0: none
	body   string // how it begins
	read   error  // of reading the body
}{
	{name: "error", fault: Fault{Code: "RequestLimitExceeded"}, code: "RequestLimitExceeded", status: 200,
		body: `{"Response":{"Error":{"Code":"RequestLimitExceeded",`},
	{name: "error without a code", code: "InternalError", status: 200, body: `{"Response":{"Error":{"Code":"InternalError",`},
	{name: "reset", fault: Fault{Kind: FaultReset}},
	{name: "hang", fault: Fault{Kind: FaultHang}},
	{name: "502", fault: Fault{Kind: FaultBadGateway}, status: 502, body: "<html>"},
	{name: "odd", fault: Fault{Kind: FaultOdd}, status: 200, body: "{}"},
	{name: "cut", fault: Fault{Kind: FaultCut}, status: 200, body: `{"Response":{"`, read: io.ErrUnexpectedEOF},
}

// timings returns the fault before and after the call takes effect.
func timings(f Fault) map[string]Fault {
	after := f
	after.After = true
	if f.Kind == FaultCut {
		return map[string]Fault{"after": f}
	}
	return map[string]Fault{"before": f, "after": after}
}

func TestAFaultBeforeOrAfterAPull(t *testing.T) {
	for _, test := range outcomes {
		for timing, fault := range timings(test.fault) {
			t.Run(test.name+" "+timing, func(t *testing.T) {
				bubble(t, Config{RoundTrip: 2 * time.Second}, func(t *testing.T, e *Emulator) {
					send(t, e, `{}`)
					e.Script(fault)
					ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
					defer cancel()
					start := time.Now()
					set, err := e.Pull(ctx, appID)
					wantFault(t, start, test.code, fault.Kind, set, err)
					if inFlight := e.Stats(appID).InFlight == 1; inFlight != (timing == "after") {
						t.Errorf("the event is in flight: %t", inFlight)
					}
				})
			})
		}
	}
}

func TestAFaultBeforeOrAfterAConfirm(t *testing.T) {
	for _, test := range outcomes {
		for timing, fault := range timings(test.fault) {
			t.Run(test.name+" "+timing, func(t *testing.T) {
				bubble(t, Config{RoundTrip: 2 * time.Second}, func(t *testing.T, e *Emulator) {
					handles := deliver(t, e, 1)
					e.Script(fault)
					ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
					defer cancel()
					start := time.Now()
					err := e.Confirm(ctx, appID, handles)
					wantFault(t, start, test.code, fault.Kind, nil, err)
					if confirmed := e.Stats(appID).Confirmed == 1; confirmed != (timing == "after") {
						t.Errorf("the event is confirmed: %t", confirmed)
					}
				})
			})
		}
	}
}

func wantFault(t *testing.T, start time.Time, wantCode string, kind FaultKind, set []byte, err error) {
	t.Helper()
	if set != nil {
		t.Errorf("the caller learnt of %s", set)
	}
	if err == nil || code(err) != wantCode {
		t.Errorf("error is %v, want code %q", err, wantCode)
	}
	if kind == FaultHang {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want that of the context", err)
		}
		wantElapsed(t, start, 9*time.Second)
		return
	}
	wantElapsed(t, start, 2*time.Second)
}

func TestFaultsOverHTTP(t *testing.T) {
	for _, test := range outcomes {
		for timing, fault := range timings(test.fault) {
			t.Run(test.name+" "+timing, func(t *testing.T) {
				bubble(t, Config{}, func(t *testing.T, e *Emulator) {
					send(t, e, `{"EventType":"NewFileUpload"}`)
					e.Script(fault)
					ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
					defer cancel()
					start := time.Now()
					r := request(pullEvents, `{"SubAppId":1500000001}`).WithContext(ctx)
					status, body, err := roundTrip(t, pipe.Serve(t, e), r)
					if status != test.status || !strings.HasPrefix(body, test.body) {
						t.Errorf("answer is %d %s, want %d %s…", status, body, test.status, test.body)
					}
					switch {
					case test.read != nil && !errors.Is(err, test.read):
						t.Errorf("error is %v, want %v", err, test.read)
					case test.read == nil && (err == nil) != (test.status != 0):
						t.Errorf("error is %v", err)
					}
					if fault.Kind == FaultHang {
						wantElapsed(t, start, 9*time.Second)
					} else {
						wantElapsed(t, start, 0)
					}
					if inFlight := e.Stats(appID).InFlight == 1; inFlight != (timing == "after") {
						t.Errorf("the event is in flight: %t", inFlight)
					}
				})
			})
		}
	}
}

func TestACutAnswerIsHalfOfTheRightOne(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		rt := pipe.Serve(t, e)
		get := func() (string, error) {
			send(t, e, `{"EventType":"NewFileUpload"}`)
			_, body, err := roundTrip(t, rt, request(pullEvents, `{"SubAppId":1500000001}`))
			return body, err
		}
		whole, err := get()
		if err != nil {
			t.Fatal(err)
		}
		e.Script(Fault{Kind: FaultCut})
		cut, err := get()
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(cut) != len(whole)/2 ||
			!strings.HasPrefix(cut, `{"Response":{"EventSet":[{"EventHandle":"tdmq`) {
			t.Errorf("answer is %s, %v, want half of one like %s", cut, err, whole)
		}
	})
}

func TestAHeldPullThatFailsAfterwardsIsStillHeld(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		e.Script(Fault{Kind: FaultBadGateway, After: true})
		start := time.Now()
		if _, err := e.Pull(t.Context(), appID); err == nil || code(err) != "" ||
			!strings.Contains(err.Error(), "scripted fault: 502") {
			t.Errorf("error is %v", err)
		}
		wantElapsed(t, start, 5*time.Second)
	})
}

func TestAClientThatLeavesMeetsNoFault(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		e.Script(Fault{Code: "InternalError", After: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := e.Pull(ctx, appID); err != context.DeadlineExceeded {
			t.Errorf("error is %v", err)
		}
	})
}

func TestCloseBreaksTheConnectionsOfWaitingCalls(t *testing.T) {
	bubble(t, Config{RoundTrip: 2 * time.Second}, func(t *testing.T, e *Emulator) {
		unsigned := request(pullEvents, `{}`)
		unsigned.Header.Del("Authorization")
		for _, r := range []*http.Request{request(pullEvents, `{}`), unsigned} {
			rt := pipe.Serve(t, e)
			at(time.Second, e.Close)
			if status, body, err := roundTrip(t, rt, r); err == nil {
				t.Errorf("answer is %d %s, want none", status, body)
			}
		}
	})
}

// met returns which of the first n pulls of two applications a script of faults meets, and with which kind.
func met(seed uint64, n int, faults ...Fault) map[[2]int]FaultKind {
	e := New(Config{Seed: seed})
	e.Script(faults...)
	calls := map[[2]int]FaultKind{}
	for app := range 2 {
		for i := range n {
			if f := e.choose(Call{Action: pullEvents, SubAppID: uint64(app), Number: i + 1}); f != nil {
				calls[[2]int{app, i + 1}] = f.Kind
			}
		}
	}
	return calls
}

func TestAShareOfTheCallsFailsAndTheSeedSaysWhich(t *testing.T) {
	five := Fault{Percent: 5, Kind: FaultReset}
	calls := met(7, 10_000, five)
	if got := len(calls); got < 900 || got > 1100 {
		t.Errorf("%d of 20,000 calls fail, want about 5 %%", got)
	}
	if !maps.Equal(calls, met(7, 10_000, five)) {
		t.Error("the same seed chooses other calls")
	}
	if maps.Equal(calls, met(8, 10_000, five)) {
		t.Error("another seed chooses the same calls")
	}
	both := 0
	for call := range calls {
		if call[0] == 0 && calls[[2]int{1, call[1]}] != "" {
			both++
		}
	}
	if both > 100 {
		t.Errorf("%d calls fail for one application and for the other", both)
	}
	if got := len(met(7, 100, Fault{Percent: 100})); got != 200 {
		t.Errorf("%d of 200 calls fail, want all", got)
	}
	for call := range met(7, 1000, Fault{First: 10, Last: 500, Percent: 50}) {
		if n := call[1]; n < 10 || n > 500 {
			t.Errorf("call %d fails", n)
		}
	}
}

func TestAFaultHasAPeriodOrAShare(t *testing.T) {
	defer func() {
		if got := recover(); got != "vodtest: a Fault has both Every and Percent" {
			t.Errorf("Script panics with %v", got)
		}
	}()
	New(Config{}).Script(Fault{Every: 3}, Fault{Percent: 50}, Fault{Every: 3, Percent: 50})
}

func TestSharesOfSeveralFaultsAreIndependent(t *testing.T) {
	kinds := map[FaultKind]int{}
	for _, kind := range met(7, 10_000, Fault{Percent: 10, Kind: FaultReset}, Fault{Percent: 10, Kind: FaultCut}) {
		kinds[kind]++
	}
	// 10 % of all, and 10 % of what the first one left.
	if a, b := kinds[FaultReset], kinds[FaultCut]; a < 1900 || a > 2100 || b < 1700 || b > 1900 {
		t.Errorf("of 20,000 calls %d are reset and %d cut", a, b)
	}
}
