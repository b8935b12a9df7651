package events_test

import (
	"strings"
	"testing"
	"time"
)

func TestSignatureIsReadFromTheTopInEitherCase(t *testing.T) {
	for content, want := range map[string][2]string{
		`{"EventType":"X","Sign":"ab","T":1700000600}`:           {"ab", "1700000600"},
		`{"t":"1700000600","EventType":"X","sign":"AB"}`:         {"AB", "1700000600"},
		`{"EventType":"X","Sign":"","sign":"ab","T":null,"t":1}`: {"ab", "1"},
		`{"EventType":"X","T":1.7e9,"Sign":7}`:                   {"7", "1.7e9"},
		`{"EventType":"X","A":{"Sign":"ab","T":1}}`:              {"", ""},
		`{"EventType":"X","SIGN":"ab","Sign":["ab"]}`:            {"", ""},
		`["Sign","T"]`: {"", ""},
		``:             {"", ""},
	} {
		if sign, at := raw(content).Signature(); sign != want[0] || at != want[1] {
			t.Errorf("%s: got %q, %q, want %q", content, sign, at, want)
		}
	}
}

func TestUnsignedIsTheBodyWithoutItsSignature(t *testing.T) {
	for content, want := range map[string]string{
		`{"EventHandle":"h","EventType":"X","Sign":"s","T":1}`:           `{"EventType":"X"}`,
		`{"Sign":"s", "T":1, "EventType":"X", "t":"2","sign":3,"A":"T"}`: `{"EventType":"X", "A":"T"}`,
		`{"T":1,"Sign":"s"}`:                      `{}`,
		`{"A":{"Sign":"kept","T":1}, "SIGN":"k"}`: `{"A":{"Sign":"kept","T":1}, "SIGN":"k"}`,
		`[{"Sign":"kept"}]`:                       `[{"Sign":"kept"}]`,
	} {
		if got := string(raw(content).Unsigned()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A stranger chooses what a callback's body holds: a megabyte of what is cut must not cost minutes.
func TestCuttingIsLinear(t *testing.T) {
	content := `{"EventType":"X"` + strings.Repeat(`,"T":1`, 1<<20/6) + `}`
	began := time.Now()
	if got := string(raw(content).Unsigned()); got != `{"EventType":"X"}` {
		t.Errorf("got %.100q", got)
	}
	if took := time.Since(began); took > 20*time.Second { // it takes milliseconds; with one copy for each, many minutes
		t.Errorf("it took %v", took)
	}
}
