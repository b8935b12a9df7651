package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// YAML returns settings as a configuration, each with a comment that says where it is from. But for what is hidden in it, it means
// what they were made from.
func YAML(settings []Setting) string {
	var out strings.Builder
	var open []string // the path of the line before
	for _, s := range settings {
		same := 0
		for same < len(s.path)-1 && same < len(open) && open[same] == s.path[same] {
			same++
		}
		for depth := same; depth < len(s.path); depth++ {
			part := s.path[depth]
			if strings.HasPrefix(part, "[") { // stands in front of its first key
				continue
			}
			indent := strings.Repeat("  ", depth)
			if depth > same && strings.HasPrefix(s.path[depth-1], "[") {
				indent = indent[2:] + "- "
			}
			out.WriteString(indent + inYAML(part) + ":")
			if depth < len(s.path)-1 {
				out.WriteString("\n")
			}
		}
		fmt.Fprintf(&out, " %s  # %s\n", inYAML(s.Value), s.From)
		open = s.path
	}
	return out.String()
}

// inYAML returns a value on one line.
func inYAML(value any) string {
	switch value := value.(type) {
	case string:
		if plainText.MatchString(value) && !keyword.MatchString(value) {
			return value
		}
		return strconv.Quote(value) // its escapes are YAML's
	case []any:
		parts := make([]string, len(value))
		for i, one := range value {
			parts[i] = inYAML(one)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	number, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a setting is a %T", value)) // there are numbers and booleans besides
	}
	return string(number)
}

var (
	plainText = regexp.MustCompile(`^([A-Za-z/.]|[0-9]+[a-zA-Z])([\w./-]|:/)*$`) // a duration too
	keyword   = regexp.MustCompile(`(?i)^(null|true|false|yes|no|on|off|y|n|\.inf|\.nan|\.+|[0-9]+e[0-9]+|0[xob][0-9a-f_]+)$`)
)
