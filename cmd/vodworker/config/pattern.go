package config

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/events"
)

// An EventPattern is an event type's name or a glob. A plain name must be one that this build knows: a misspelt one
// would never match, and its events would be confirmed unseen. Newer types are reached by a glob.
type EventPattern string

// UnmarshalText reads an EventPattern.
func (p *EventPattern) UnmarshalText(text []byte) error {
	name := string(text)
	*p = EventPattern(name)
	if p.isGlob() {
		if _, err := path.Match(name, ""); err != nil {
			return errors.New(`a [ is not closed, or a \ stands at the end; write a glob such as *Complete`)
		}
		return nil
	}
	known := events.Types()
	switch {
	case slices.Contains(known, events.Type(name)), events.Type(name).Alias() != "":
		return nil
	case name == "":
		return errors.New(`it is empty; write an event type such as NewFileUpload, or "*" for all`)
	case strings.ContainsAny(name, ", |;"):
		return errors.New("each event type is an entry of its own; write [NewFileUpload, ProcedureStateChanged]")
	}
	return fmt.Errorf("no event type has this name; the nearest is %s, "+
		"and a type that is newer than this program is written as a glob: %s*",
		Nearest(name, known), show("", name))
}

func (p EventPattern) isGlob() bool { return strings.ContainsAny(string(p), `*?[\`) }

// matchesKnown reports whether the pattern stands for any event type that this build knows.
func (p EventPattern) matchesKnown() bool {
	if !p.isGlob() || p == "*" {
		return true
	}
	return slices.ContainsFunc(events.Types(), func(t events.Type) bool {
		matches, _ := path.Match(string(p), string(t))
		alias, _ := path.Match(string(p), string(t.Alias()))
		return matches || alias && t.Alias() != ""
	})
}

// Nearest returns the one of several types, at least one, that is the fewest edits away from name.
func Nearest(name string, types []events.Type) events.Type {
	return slices.MinFunc(types, func(a, b events.Type) int {
		return distance(name, string(a)) - distance(name, string(b))
	})
}

// distance is how many letters are added, left out, wrong or swapped with their neighbour, regardless of case.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
