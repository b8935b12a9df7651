package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// expand replaces ${VAR} and ${VAR:-default} in the text of a value; $${ stands for ${. It works on values of the parsed file,
// so a variable can't change the file's structure. It also returns what is wrong, without the values of variables.
func expand(text string, lookup func(string) (string, bool)) (expanded string, problems []string) {
	expanded = reference.ReplaceAllStringFunc(text, func(match string) string {
		switch {
		case match == "$${":
			return "${"
		case match == "${", strings.Contains(match[1:], "${"):
			problems = append(problems, "a ${ is not closed, or has another in it; write ${VAR}, and $${ for a literal ${")
			return match
		}
		inside := match[2 : len(match)-1]
		if variable.MatchString(inside) {
			value, ok := lookup(inside)
			if !ok {
				problems = append(problems, fmt.Sprintf(
					"the environment variable %s is not set; set it, or give it a default as ${%s:-…}", inside, inside))
			}
			return value
		}
		if parts := withDefault.FindStringSubmatch(inside); parts != nil {
			if value, ok := lookup(parts[1]); ok && value != "" {
				return value
			}
			return parts[2]
		}
		problems = append(problems, "what stands in ${ } is no name of a variable; "+
			"write ${VAR} or ${VAR:-default}, and $${ for a literal ${")
		return match
	})
	return expanded, problems
}

var (
	reference   = regexp.MustCompile(`\$\$\{|\$\{[^}]*\}|\$\{`)
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	withDefault = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*):-(.*)$`)
)

// Withheld returns the environment variables that programs run by handlers do not get: those in the configuration may be
// secrets, but for these, without which many programs do not work.
func (c *Config) Withheld() []string {
	return slices.DeleteFunc(slices.Clone(c.Variables), func(name string) bool {
		return slices.Contains([]string{"HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TMPDIR", "TZ", "USER"}, name)
	})
}
