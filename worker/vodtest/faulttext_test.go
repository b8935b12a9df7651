package vodtest

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseFaults(t *testing.T) {
	for _, test := range []struct {
		text string
		want []Fault
	}{
		{"", nil},
		{" ", nil},
		{"PullEvents:3=502", []Fault{{Action: pullEvents, First: 3, Kind: FaultBadGateway}}},
		{"ConfirmEvents:2-5=after:InternalError", []Fault{{Action: confirmEvents, First: 2, Last: 5, Code: "InternalError",
			After: true}}},
		{"PullEvents:*/10=hang", []Fault{{Action: pullEvents, Every: 10, Kind: FaultHang}}},
		{"ConfirmEvents:1=cut", []Fault{{Action: confirmEvents, First: 1, Kind: FaultCut, After: true}}},
		{"PullEvents:5%=502", []Fault{{Action: pullEvents, Percent: 5, Kind: FaultBadGateway}}},
		{"*:*/0.25%=after:reset", []Fault{{Percent: 0.25, Kind: FaultReset, After: true}}},
		{"*:2-9/100%=odd", []Fault{{First: 2, Last: 9, Percent: 100, Kind: FaultOdd}}},
		{"*:4-=reset", []Fault{{First: 4, Last: math.MaxInt, Kind: FaultReset}}},
		{"*:4-9/3=odd", []Fault{{First: 4, Last: 9, Every: 3, Kind: FaultOdd}}},
		{"*:7-7=RequestLimitExceeded.UinLimitExceeded", []Fault{{First: 7, Code: "RequestLimitExceeded.UinLimitExceeded"}}},
		{"ModifyEventConfig:*=hang, *:*=cut", []Fault{{Action: modifyEventConfig, Kind: FaultHang}, {Kind: FaultCut, After: true}}},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseFaults(test.text)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestParseFaultsSaysWhatIsAllowed(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"502", "want ACTION:CALLS=[after:]WHAT"},
		{"PullEvents=502", "want ACTION:CALLS=[after:]WHAT"},
		{"PullEvents:3", "want ACTION:CALLS=[after:]WHAT"},
		{"PullEvents:1=502,", `fault "": want ACTION`},
		{"Pull:1=502", `unknown action "Pull": want PullEvents, ConfirmEvents, DescribeEventsState, ` +
			`DescribeEventConfig, ModifyEventConfig, ProcessMedia,`},
		{"*:0=502", `calls "0": want a number from 1, a range such as 2-5 or 2-, or *`},
		{"*:=502", `calls ""`},
		{"*:+1=502", `calls "+1"`},
		{"*:5-2=502", `calls "5-2"`},
		{"*:-2=502", `calls "-2"`},
		{"*:2-x=502", `calls "2-x"`},
		{"*:*/0=502", `calls "*/0"`},
		{"*:1/=502", `calls "1/"`},
		{"*:0%=502", `calls "0%": want a number from 1, a range such as 2-5 or 2-, or *, ` +
			`and perhaps /10 for every tenth or /5% for five of a hundred`},
		{"*:101%=502", `calls "101%"`},
		{"*:-1%=502", `calls "-1%"`},
		{"*:1e1%=502", `calls "1e1%"`},
		{"*:%=502", `calls "%"`},
		{"*:2/5%/3=502", `calls "2/5%/3"`},
		{"*:*/5%/5%=502", `calls "*/5%/5%"`},
		{"*:*/2/5%=502", `calls "*/2/5%"`},
		{"*:1=503", `unknown kind "503": want reset, cut, hang, 502, odd, or an API error code such as InternalError`},
		{"*:1=after:", `unknown kind ""`},
		{"*:1=before:hang", `unknown kind "before:hang"`},
		{"*:1=after:after:hang", `unknown kind "after:hang"`},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseFaults(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) || got != nil {
				t.Errorf("got %+v, %v, want an error with %q", got, err, test.want)
			}
		})
	}
}

func TestFaultsThatWereNotParsedHaveATextToo(t *testing.T) {
	for want, fault := range map[string]Fault{
		"*:*=InternalError":   {},
		"*:*/7.5%=reset":      {Percent: 7.5, Kind: FaultReset},
		"*:1-4=after:hang":    {Last: 4, Kind: FaultHang, After: true},
		"PullEvents:2=cut":    {Action: pullEvents, First: 2, Last: 1, Kind: FaultCut},
		"*:1-=after:Offline":  {Last: math.MaxInt, Code: "Offline", After: true},
		"*:3-/2=after:reset":  {First: 3, Last: math.MaxInt, Every: 2, Kind: FaultReset, After: true},
		"ConfirmEvents:2=502": {Action: confirmEvents, First: 2, Kind: FaultBadGateway},
	} {
		if got := fault.String(); got != want {
			t.Errorf("%#v is %s, want %s", fault, got, want)
		}
	}
}

func FuzzParseFaults(f *testing.F) {
	for _, text := range []string{
		"PullEvents:3=502,ConfirmEvents:2-5=after:InternalError,PullEvents:*/10=hang,ConfirmEvents:1=cut",
		"*:1-9223372036854775807/2=A.b", "PullEvents:5%=502,*:2-/0.1%=cut", "*:1-=reset", ",", "a:b=c",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		faults, err := ParseFaults(text)
		if err != nil {
			return
		}
		texts := make([]string, len(faults))
		for i, fault := range faults {
			texts[i] = fault.String()
		}
		again, err := ParseFaults(strings.Join(texts, ","))
		if err != nil || !slices.Equal(again, faults) {
			t.Errorf("%q is %+v, but %q is %+v, %v", text, faults, texts, again, err)
		}
	})
}

func TestEachActionCanGoWrong(t *testing.T) {
	for _, action := range Actions() {
		got, err := ParseFaults(action + ":1=after:reset")
		if want := (Fault{Action: action, First: 1, Kind: FaultReset, After: true}); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v, %v", action, got, err)
		}
	}
}
