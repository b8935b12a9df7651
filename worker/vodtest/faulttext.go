package vodtest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// errorCode is the form of an API error code. The names of kinds do not have it.
var errorCode = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$`)

// ParseFaults reads faults from text, separated by commas, each in the form
//
//	ACTION:CALLS=[after:]WHAT
//
// ACTION is the name of an action, or * for any. CALLS is a number counted from 1, a range such as 2-5 or 2-, or *
// for all; /10 behind it picks every tenth, or /5% five of a hundred; 5% is short for */5%. WHAT is reset, cut, hang,
// 502, odd, or an API error code. It happens before the call takes effect, unless after: is in front; cut always
// happens after. Empty text is no faults.
//
//	PullEvents:3=502,ConfirmEvents:2-5=after:InternalError,PullEvents:*/10=hang,*:5%=after:reset,ConfirmEvents:1=cut
func ParseFaults(text string) ([]Fault, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var faults []Fault
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		fault, err := parseFault(part)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w", part, err)
		}
		faults = append(faults, fault)
	}
	return faults, nil
}

func parseFault(text string) (Fault, error) {
	var f Fault
	which, what, ok := strings.Cut(text, "=")
	action, calls, ok2 := strings.Cut(which, ":")
	if !ok || !ok2 {
		return f, errors.New("want ACTION:CALLS=[after:]WHAT, as in PullEvents:3=502")
	}
	if action != "*" {
		f.Action = action
		if names := Actions(); !slices.Contains(names, action) {
			return f, fmt.Errorf("unknown action %q: want %s or *", action, strings.Join(names, ", "))
		}
	}
	if err := f.parseCalls(calls); err != nil {
		return f, err
	}
	return f, f.parseWhat(what)
}

func (f *Fault) parseCalls(text string) error {
	wrong := fmt.Errorf("calls %q: want a number from 1, a range such as 2-5 or 2-, or *, "+
		"and perhaps /10 for every tenth or /5%% for five of a hundred", text)
	if strings.HasSuffix(text, "%") && !strings.Contains(text, "/") {
		text = "*/" + text // 5% is short for it
	}
	span, thinned, isThinned := strings.Cut(text, "/")
	if isThinned && !count(thinned, &f.Every) && !percent(thinned, &f.Percent) {
		return wrong
	}
	if span == "*" {
		return nil
	}
	first, last, isRange := strings.Cut(span, "-")
	if !count(first, &f.First) {
		return wrong
	}
	switch {
	case !isRange:
		return nil
	case last == "":
		f.Last = math.MaxInt
		return nil
	case !count(last, &f.Last) || f.Last < f.First:
		return wrong
	}
	if f.Last == f.First {
		f.Last = 0 // one call has one form
	}
	return nil
}

func (f *Fault) parseWhat(text string) error {
	what, after := strings.CutPrefix(text, "after:")
	f.After = after
	kinds := []FaultKind{FaultReset, FaultCut, FaultHang, FaultBadGateway, FaultOdd}
	switch kind := FaultKind(what); {
	case slices.Contains(kinds, kind):
		f.Kind = kind
		f.After = f.takesEffect()
	case errorCode.MatchString(what):
		f.Code = what
	default:
		return fmt.Errorf("unknown kind %q: want reset, cut, hang, 502, odd, "+
			"or an API error code such as InternalError", what)
	}
	return nil
}

// count reads a number of at least 1.
func count(text string, n *int) bool {
	var err error
	*n, err = strconv.Atoi(text)
	return err == nil && *n >= 1 && text[0] != '+'
}

var percentage = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?%$`)

// percent reads a share of more than 0 and at most 100.
func percent(text string, p *float64) bool {
	if !percentage.MatchString(text) {
		return false
	}
	var err error
	*p, err = strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return err == nil && *p > 0 && *p <= 100
}

// Faults returns the faults that the last [Emulator.Script] has set, in the form that [ParseFaults] reads; "" if there are none.
func (e *Emulator) Faults() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return formatFaults(e.script)
}

// formatFaults returns faults in the form that [ParseFaults] reads.
func formatFaults(faults []Fault) string {
	texts := make([]string, len(faults))
	for i, fault := range faults {
		texts[i] = fault.String()
	}
	return strings.Join(texts, ",")
}

// String returns the fault in the form that [ParseFaults] reads.
func (f Fault) String() string {
	var text strings.Builder
	text.WriteString(cmp.Or(f.Action, "*") + ":")
	switch {
	case f.First == 0 && f.Last == 0:
		text.WriteString("*")
	case f.Last == math.MaxInt:
		fmt.Fprintf(&text, "%d-", max(f.First, 1))
	case f.Last > f.First:
		fmt.Fprintf(&text, "%d-%d", max(f.First, 1), f.Last)
	default:
		fmt.Fprint(&text, f.First)
	}
	switch {
	case f.Every != 0:
		fmt.Fprintf(&text, "/%d", f.Every)
	case f.Percent != 0:
		text.WriteString("/" + strconv.FormatFloat(f.Percent, 'f', -1, 64) + "%")
	}
	text.WriteString("=")
	if f.After && f.Kind != FaultCut {
		text.WriteString("after:")
	}
	if f.Kind == FaultError {
		text.WriteString(f.code())
	} else {
		text.WriteString(string(f.Kind))
	}
	return text.String()
}
