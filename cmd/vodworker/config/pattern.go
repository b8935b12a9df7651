package config

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
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
		nearest.Of(name, known), show("events", name))
}

func (p EventPattern) isGlob() bool { return strings.ContainsAny(string(p), `*?[\`) }

// matchesKnown reports whether the pattern stands for any event type that this build knows.
func (p EventPattern) matchesKnown() bool {
	if !p.isGlob() || p == "*" {
		return true
	}
	return slices.ContainsFunc(events.Types(), p.matches)
}

func (p EventPattern) matches(t events.Type) bool {
	matches, _ := path.Match(string(p), string(t))
	alias, _ := path.Match(string(p), string(t.Alias()))
	return matches || alias && t.Alias() != ""
}

// unknown returns types that a glob matches and that no event has yet: one, or one for each letter that may stand for a [ ].
func (p EventPattern) unknown() (types []events.Type) {
	if !p.isGlob() {
		return nil
	}
	for letter := '!'; letter <= '~'; letter++ {
		sample := events.Type(globbed.ReplaceAllStringFunc(string(p), func(part string) string {
			switch matches, _ := path.Match(part, string(letter)); {
			case part == "*" || part == "?":
				return "_"
			case matches && letter != '/': // which * does not match
				return string(letter)
			}
			return part[1:2] // what is escaped, or the first letter of a class
		}))
		if p.matches(sample) && !slices.Contains(types, sample) {
			types = append(types, sample)
		}
	}
	return types
}

var globbed = regexp.MustCompile(`\*|\?|\\.|\[(\\.|[^\]\\])+\]`)
