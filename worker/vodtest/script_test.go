package vodtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func TestAScriptPicksCallsByActionAndNumber(t *testing.T) {
	for _, test := range []struct {
		fault Fault
		want  string // for calls 1 to 12 of PullEvents and of ConfirmEvents: which went wrong
	}{
		{Fault{}, "xxxxxxxxxxxx xxxxxxxxxxxx"},
		{Fault{Action: pullEvents, First: 3}, "..x......... ............"},
		{Fault{Action: confirmEvents, First: 3, Last: 5}, "............ ..xxx......."},
		{Fault{Last: 2}, "xx.......... xx.........."},
		{Fault{Action: pullEvents, Every: 5}, "....x....x.. ............"},
		{Fault{Every: 2, First: 3, Last: 6}, "...x.x...... ...x.x......"},
		{Fault{Action: describeEventConfig}, "............ ............"},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
				test.fault.Code = "ActionOffline"
				e.Script(test.fault)
				var got strings.Builder
				mark := func(err error) {
					if code(err) == "ActionOffline" {
						got.WriteByte('x')
					} else {
						got.WriteByte('.')
					}
				}
				for range 12 {
					_, err := e.Pull(t.Context(), appID)
					mark(err)
				}
				got.WriteByte(' ')
				for range 12 {
					mark(e.Confirm(t.Context(), appID, []string{"x"}))
				}
				if got.String() != test.want {
					t.Errorf("went wrong: %s, want %s", got.String(), test.want)
				}
			})
		})
	}
}

func TestTheFirstFaultThatFitsMeetsTheCallAndAnEmptyScriptNone(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		e.Script(Fault{First: 1, Code: "A"}, Fault{Code: "B"})
		for _, want := range []string{"A", "B", "B"} {
			_, err := e.Pull(t.Context(), appID)
			wantCode(t, err, want)
		}
		_, err := e.Pull(t.Context(), 2) // which counts for itself
		wantCode(t, err, "A")
		e.Script()
		_, err = e.Pull(t.Context(), appID)
		wantCode(t, err, "ResourceNotFound")
	})
}

func TestAFunctionChoosesFaultsByCall(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		e.ScriptFunc(func(c Call) *Fault {
			if c.Action == confirmEvents && c.SubAppID == appID && c.Number == 1 && c.Handles[0] == "a" && c.RequestID != "" {
				return &Fault{Code: "InternalError"}
			}
			return nil
		})
		_, err := e.Pull(t.Context(), appID)
		wantCode(t, err, "ResourceNotFound")
		wantCode(t, e.Confirm(t.Context(), appID, []string{"a"}), "InternalError")
		wantCode(t, e.Confirm(t.Context(), appID, []string{"a"}), "InvalidParameterValue")
		e.ScriptFunc(nil)
		wantCode(t, e.Confirm(t.Context(), 2, []string{"a"}), "InvalidParameterValue")
	})
}

func TestObserveIsToldOfEveryCall(t *testing.T) {
	var calls []Call
	cfg := Config{RoundTrip: 2, Observe: func(c Call) { calls = append(calls, c) }}
	bubble(t, cfg, func(t *testing.T, e *Emulator) {
		start := time.Now()
		send(t, e, `{}`)
		e.Script(Fault{Action: pullEvents, First: 1, Kind: FaultReset, After: true})
		_, _ = e.Pull(t.Context(), appID)
		_ = e.Confirm(t.Context(), appID, calls[0].Handles)
		r := request(pullEvents, `{}`)
		r.Header.Del("Authorization")
		if _, _, err := roundTrip(t, pipe.Serve(t, e), r); err != nil {
			t.Fatal(err)
		}
		wantElapsed(t, start, 6) // a refusal has a round trip too

		lost, confirmed, refused := calls[0], calls[1], calls[2]
		if lost.Action != pullEvents || lost.SubAppID != appID || lost.Number != 1 || len(lost.Handles) != 1 ||
			!lost.Start.Equal(start) || lost.Took != 2 || lost.Fault.Kind != FaultReset || lost.Err == nil {
			t.Errorf("the lost call is %+v", lost)
		}
		if confirmed.Action != confirmEvents || confirmed.Fault != nil || confirmed.Err != nil ||
			confirmed.RequestID == lost.RequestID || !slices.Equal(confirmed.Confirmed, lost.Handles) {
			t.Errorf("the good call is %+v", confirmed)
		}
		if refused.Number != 0 || code(refused.Err) != "AuthFailure.InvalidAuthorization" || refused.Action != pullEvents {
			t.Errorf("the refused call is %+v", refused)
		}
	})
	if len(calls) != 3 {
		t.Errorf("%d calls were observed, want 3", len(calls))
	}
}

func TestFaultsAreThoseOfTheLastScript(t *testing.T) {
	e := New(Config{})
	e.Script(Fault{Action: pullEvents, First: 3, Kind: FaultBadGateway}, Fault{Code: "InternalError"})
	if got := e.Faults(); got != "PullEvents:3=502,*:*=InternalError" {
		t.Errorf("faults are %q", got)
	}
	e.ScriptFunc(func(Call) *Fault { return nil })
	if got := e.Faults(); got != "" {
		t.Errorf("faults are %q", got)
	}
}
