package condition

import "strings"

// A Part is what stands between two dots of a path, or pipes.
type Part struct {
	Name  string
	Piped bool   // there is a | in front of it
	Query *Query // what is in the brackets of #( ); nil if it has none
}

// A Query is what a #( ) asks of each element: Path leads to what is compared by Op with Value, which may be in quotes. Op is
// empty if it asks only whether there is something.
type Query struct{ Path, Op, Value string }

// Parts takes a path apart, as gjson does. A part of a path that is not valid may be empty.
func Parts(path string) (parts []Part) {
	begin, piped := 0, false
	add := func(end int) {
		parts = append(parts, Part{path[begin:end], piped, queryOf(path[begin:end])})
	}
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case i == begin && strings.HasPrefix(path[i:], "#("):
			i += 1 + bracket(path[i+1:])
		case c == '\\':
			i++
		case c == '.' || c == '|':
			add(i)
			begin, piped = i+1, c == '|'
		}
	}
	add(len(path))
	return parts
}

// bracket returns where the bracket at the beginning of a text is closed, or its length if it is not.
func bracket(text string) int {
	depth := 0
	for i := range outside(text) {
		switch text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return len(text)
}

// outside calls back for each index of a text that is not in quotes, nor behind a \.
func outside(text string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		quoted := false
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case !quoted && !yield(i):
				return
			}
		}
	}
}

// queryOf returns what is in the brackets of a part.
func queryOf(name string) *Query {
	if !strings.HasPrefix(name, "#(") {
		return nil
	}
	text := strings.TrimSuffix(strings.TrimSuffix(name[2:], "#"), ")")
	depth := 0
	for i := range outside(text) {
		switch c := text[i]; {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && strings.IndexByte("!=<>%", c) >= 0:
			value := strings.TrimLeft(text[i:], "!=<>%&|")
			return &Query{strings.TrimSpace(text[:i]), text[i : len(text)-len(value)], strings.TrimSpace(value)}
		}
	}
	return &Query{Path: strings.TrimSpace(text)}
}
