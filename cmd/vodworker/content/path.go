package content

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// A part is what stands between two dots of a path, or pipes.
type part struct {
	name  string
	piped bool   // there is a | in front of it
	query string // the path in the brackets of #( ); empty if there is none
}

var (
	digits  = regexp.MustCompile(`^[0-9]+$`)
	queried = regexp.MustCompile(`^#\((.*)\)#?$`)
)

func (p part) isNumber() bool { return digits.MatchString(p.name) }

// isName reports whether it is the name of a field, and nothing that means more.
func (p part) isName() bool { return !p.isWild() && !strings.ContainsAny(p.name[:1], "#@") }

// isWild reports whether it may stand for several names, or makes something new.
func (p part) isWild() bool {
	return !strings.HasPrefix(p.name, "#") && strings.ContainsAny(p.name, `*?{}[]!\`)
}

// parse takes a path apart. There is at least one part, and none is empty.
func parse(path string) (parts []part) {
	begin, depth, piped := 0, 0, false
	add := func(end int) {
		if end > begin {
			name := path[begin:end]
			parts = append(parts, part{name, piped, queryOf(name)})
		}
	}
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\':
			i++
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth <= 0 && (c == '.' || c == '|'):
			add(i)
			begin, piped = i+1, c == '|'
		}
	}
	add(len(path))
	if len(parts) == 0 {
		return []part{{name: path}}
	}
	return parts
}

// queryOf returns the path in the brackets of #( ), without what it is compared to.
func queryOf(name string) string {
	found := queried.FindStringSubmatch(name)
	if found == nil {
		return ""
	}
	depth := 0
	for i, c := range found[1] {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.ContainsRune("=!<>%", c):
			return strings.TrimSpace(found[1][:i])
		}
	}
	return strings.TrimSpace(found[1])
}

func join(parts []part) string {
	var path strings.Builder
	for i, p := range parts {
		switch {
		case i == 0:
		case p.piped:
			path.WriteByte('|')
		default:
			path.WriteByte('.')
		}
		path.WriteString(p.name)
	}
	return path.String()
}

// short cuts what is too long for a name.
func short(name string) string { return name[:min(len(name), 100)] }

func sortedNames(fields map[string]reflect.Type) []string { return slices.Sorted(maps.Keys(fields)) }
