package config

import (
	"errors"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// expand replaces ${VAR} and ${VAR:-default} in every scalar under node; $${ stands for ${. It works on the parsed
// file, so a value can't change its structure, and a value is typed by the key that it is for. The file's own text,
// which errors quote, is left as it is: the values may be secrets.
func expand(node ast.Node, lookup func(string) (string, bool)) error {
	e := &expander{lookup: lookup}
	ast.Walk(e, node)
	return errors.Join(e.errs...)
}

type expander struct {
	lookup func(string) (string, bool)
	errs   []error
}

// Visit implements ast.Visitor.
func (e *expander) Visit(node ast.Node) ast.Visitor {
	if text, ok := node.(*ast.StringNode); ok {
		text.Value = e.replace(text)
	}
	return e
}

var reference = regexp.MustCompile(`\$?\$\{([^}]*)\}`)

var (
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	withDefault = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*):-(.*)$`)
)

func (e *expander) replace(node *ast.StringNode) string {
	return reference.ReplaceAllStringFunc(node.Value, func(match string) string {
		if match[1] == '$' {
			return match[1:]
		}
		inside := match[2 : len(match)-1]
		if variable.MatchString(inside) {
			value, ok := e.lookup(inside)
			if !ok {
				e.errs = append(e.errs,
					errorAt(node, "the environment variable %s is not set; ${%s:-…} gives a default", inside, inside))
			}
			return value
		}
		if parts := withDefault.FindStringSubmatch(inside); parts != nil {
			if value, ok := e.lookup(parts[1]); ok && value != "" {
				return value
			}
			return parts[2]
		}
		e.errs = append(e.errs, errorAt(node, "%s is neither ${VAR} nor ${VAR:-default}; a literal ${ is written $${", match))
		return match
	})
}

// Withheld returns the environment variables that programs run by handlers do not get: those in the configuration may be
// secrets, but for these, without which many programs do not work.
func (c *Config) Withheld() []string {
	return slices.DeleteFunc(slices.Clone(c.Variables), func(name string) bool {
		return slices.Contains([]string{"HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TMPDIR", "TZ", "USER"}, name)
	})
}
