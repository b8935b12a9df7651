package config

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var indexes = regexp.MustCompile(`\[\d+\]`)

// scalar puts a value into a field that takes just one.
func (d *decoder) scalar(node ast.Node, v reflect.Value, key string) {
	text, ok := d.text(node, key)
	if ok {
		d.put(node, v, key, text)
	}
}

// put puts a text into a field. The node is where it stands, perhaps as a variable.
func (d *decoder) put(node ast.Node, v reflect.Value, key, text string) {
	var err error
	field, is := v.Addr().Interface().(encoding.TextUnmarshaler)
	switch kind := v.Kind(); {
	case is:
		err = field.UnmarshalText([]byte(text))
	case kind == reflect.String:
		v.SetString(text)
	case kind == reflect.Bool:
		var is bool
		is, err = yesOrNo(text)
		v.SetBool(is)
	case kind == reflect.Int, kind == reflect.Int64:
		var n int64
		n, err = wholeNumber(text)
		v.SetInt(n)
	case kind == reflect.Uint64:
		var n uint64
		n, err = positiveNumber(text)
		v.SetUint(n)
	case kind == reflect.Float64:
		var n float64
		n, err = number(text)
		v.SetFloat(n)
	}
	if err != nil {
		d.wrong(node, key, text, err)
	}
}

// wrong notes what is wrong with the text of a value. What to write instead is not said if variables are replaced in it: that
// would show their values.
func (d *decoder) wrong(node ast.Node, key, text string, err error) {
	if d.odd(node, key) {
		return
	}
	why := err.Error()
	if text != written(node) {
		why, _, _ = strings.Cut(why, "; ")
		why += "; change the variable"
	}
	d.bad(key, "%s", why)
}

// plainAddress matches one without quotes. Within { } the parser takes a colon before a number for that behind a key.
var plainAddress = regexp.MustCompile(`^[^\s,\[\]{}"'#]+:[0-9]+[^\s,\[\]{}"'#]*`)

// text returns a value with its variables replaced.
func (d *decoder) text(node ast.Node, key string) (text string, ok bool) {
	switch n := node.(type) {
	case ast.MapNode:
		where := position(node)
		text = plainAddress.FindString(d.rest(where.Line, where.Column))
		if text == "" || !isAddress(key) {
			d.bad(key, "one value is needed, not keys; write %s: VALUE on one line", lastName(key))
			return "", false
		}
	case *ast.SequenceNode:
		d.bad(key, "one value is needed, not a list; write %s: VALUE without - and [ ]", lastName(key))
		return "", false
	case *ast.NullNode:
		d.bad(key, "nothing stands behind it; write a value, or take the key out for the default")
		return "", false
	case *ast.LiteralNode:
		text = n.Value.Value
	default:
		text = node.GetToken().Value
	}
	oddVariable := ""
	plain, problems := expand(text, func(name string) (string, bool) {
		value, ok := d.lookup(name)
		oddVariable = cmp.Or(oddVariable, OddVariable(name, value), commented(name, value))
		return value, ok
	})
	for _, problem := range problems {
		d.bad(key, "%s", problem)
	}
	if len(problems) > 0 {
		return "", false
	}
	if reference.MatchString(text) {
		d.unexpanded[key] = text
	}
	isArgument := lastName(key) == "command" && !strings.HasSuffix(key, "[0]") // which may be anything
	if bareVariable.MatchString(plain) && plain == text || variableInside.MatchString(text) && !isArgument {
		d.warn(key, "a variable without braces is taken as it is; write ${NAME} for the value of a variable")
	}
	if oddVariable != "" && !isArgument {
		d.oddVariables[key] = oddVariable
		d.warn(key, "%s", oddVariable)
	}
	problem := around(plain, node.Type() == ast.LiteralType)
	if strings.ContainsRune(plain, 0) {
		problem = "a NUL stands in it; take it out"
	} else if isArgument {
		problem = ""
	}
	if problem != "" {
		d.bad(key, "%s", problem)
	}
	return plain, problem == ""
}

// around says what is wrong with what stands around a value.
func around(text string, isBlock bool) string {
	switch quotes := keptQuotes(text); {
	case quotes != "":
		return quotes
	case strings.TrimSpace(text) == text:
		return ""
	case isBlock:
		return "a block ends with a line break; write the value behind its key, or |- instead of |"
	}
	return "there is white space or a line break at its beginning or end; take it away"
}

// keptQuotes says what to do about quotes that are a part of a value.
func keptQuotes(text string) string {
	runes := []rune(text)
	if len(runes) < 2 {
		return ""
	}
	switch string([]rune{runes[0], runes[len(runes)-1]}) {
	case `""`, `''`:
		return "quotes within quotes are a part of the value; write one pair"
	case "“”", "‘’", "””", "’’", "「」":
		return `these are typographic quotes, which are a part of the value; write " instead`
	}
	return ""
}

// OddVariable says what stands around the value of an environment variable that is hardly meant to be a part of it, such as the
// quotes that docker --env-file keeps, and what to do; empty if nothing. It shows nothing of the value.
func OddVariable(name, value string) string {
	switch {
	case strings.TrimSpace(value) != value:
		return fmt.Sprintf("the variable %s has white space or a line break at its beginning or end; take it away there", name)
	case keptQuotes(value) != "":
		return fmt.Sprintf("the variable %s has quotes around its value, and docker --env-file, for one, keeps them; "+
			"take them out there", name)
	}
	return ""
}

// commented is the same for a comment, which docker --env-file keeps too; a file may have such a name.
func commented(name, value string) string {
	if strings.Contains(value, " #") {
		return fmt.Sprintf("the variable %s has a comment behind its value, and docker --env-file, for one, keeps it; "+
			"take it out there", name)
	}
	return ""
}

// variableInside is stricter than bareVariable, since a $ stands in passwords too.
var variableInside = regexp.MustCompile(`(^|[^$])\$[A-Z][A-Z0-9_]+\b`)

var bareVariable = regexp.MustCompile(`^\$[A-Za-z_][A-Za-z0-9_]*$`)

func hasSpace(text string) bool { return strings.ContainsAny(text, " \t") }
