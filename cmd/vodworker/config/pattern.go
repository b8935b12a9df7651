package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/vodworker/vodworker/events"
)

// An EventPattern is an event type's name or a glob. A plain name must be one that this build knows: a misspelt one
// would never match, and its events would be confirmed unseen. Newer types are reached by a glob.
type EventPattern string

// UnmarshalYAML decodes an EventPattern.
func (p *EventPattern) UnmarshalYAML(node ast.Node) error {
	var name string
	if err := yaml.NodeToValue(node, &name); err != nil {
		return errorAt(node, "not an event type")
	}
	*p = EventPattern(name)
	if strings.ContainsAny(name, `*?[\`) {
		return nil
	}
	known := events.Types()
	if slices.Contains(known, events.Type(name)) || events.Type(name).Alias() != "" {
		return nil
	}
	return errorAt(node, "no event type has this name; the nearest is %s; "+
		"a type that is newer than this program is written as a glob, such as %s*", Nearest(name, known), name)
}

// Nearest returns the one of several types, at least one, that is the fewest edits away from name.
func Nearest(name string, types []events.Type) events.Type {
	return slices.MinFunc(types, func(a, b events.Type) int {
		return distance(name, string(a)) - distance(name, string(b))
	})
}

// distance is Levenshtein's, regardless of case.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
