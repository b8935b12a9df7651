package content

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/events/condition"
)

// A part is what stands between two dots of a path, or pipes.
type part condition.Part

var digits = regexp.MustCompile(`^[0-9]+$`)

func (p part) isNumber() bool { return digits.MatchString(p.Name) }

// isName reports whether it is the name of a field, and nothing that means more.
func (p part) isName() bool { return !p.isWild() && !strings.ContainsAny(p.Name[:1], "#@") }

// isWild reports whether it may stand for several names.
func (p part) isWild() bool {
	return !strings.HasPrefix(p.Name, "#") && strings.ContainsAny(escaped.ReplaceAllString(p.Name, ""), "*?")
}

var escaped = regexp.MustCompile(`\\.`)

// parse takes a path apart. There is at least one part, and of a valid path none is empty.
func parse(path string) (parts []part) {
	for _, p := range condition.Parts(path) {
		parts = append(parts, part(p))
	}
	return parts
}

func join(parts []part) string {
	var path strings.Builder
	for i, p := range parts {
		switch {
		case i == 0:
		case p.Piped:
			path.WriteByte('|')
		default:
			path.WriteByte('.')
		}
		path.WriteString(p.Name)
	}
	return path.String()
}

// short cuts what is too long for a name.
func short(name string) string { return name[:min(len(name), 100)] }

func sortedNames(fields map[string]reflect.Type) []string { return slices.Sorted(maps.Keys(fields)) }
