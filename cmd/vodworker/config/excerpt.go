package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// explain says where in text an error of the YAML library is, and shows that place. The library's own excerpt would
// show the lines around it as well, and with them any secret that stands there.
func explain(text []byte, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, explain(text, one))
		}
		return errors.Join(all...)
	}
	located, ok := errors.AsType[yaml.Error](err)
	if !ok || located.GetToken() == nil {
		return err
	}
	at := located.GetToken().Position
	lines := strings.Split(string(text), "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return fmt.Errorf("[%d:%d] %s", at.Line, at.Column, message(located))
	}
	number := fmt.Sprintf("> %d | ", at.Line)
	shown, indent := excerpt(lines[at.Line-1], at.Column, located.GetToken())
	return fmt.Errorf("[%d:%d] %s\n%s%s\n%s^", at.Line, at.Column, message(located),
		number, shown, strings.Repeat(" ", len(number)+indent))
}

// excerpt shows a line as far as its column, without what may be secret, and how far that is.
func excerpt(line string, column int, tok *token.Token) (shown string, indent int) {
	runes := []rune(line)
	before := string(runes[:min(max(column-1, 0), len(runes))])
	before = secretValue.ReplaceAllString(before, "$1…")
	shown = before
	if tok.Next != nil && tok.Next.Type == token.MappingValueType {
		shown += tok.Value + ":" // a key; its value may be a secret whose key is misspelt
	}
	if strings.Contains(tok.Value, "${") {
		return before + strings.TrimSpace(tok.Origin), len([]rune(before)) // only the name of a variable
	}
	return shown + " …", len([]rune(before))
}

// secretValue matches a key whose value must not be shown, and that value.
var secretValue = regexp.MustCompile(`((?i:[a-z_]*(?:secret|key|token|password|url|endpoint)[a-z_]*)["']?\s*:\s*)` +
	`("[^"]*"?|'[^']*'?|\[(?:"[^"]*"?|'[^']*'?|[^\]"'])*\]?|[^\s,}]+)`)

// message is the library's, but for those that name its types instead of what to write.
func message(err yaml.Error) string {
	if typed, ok := errors.AsType[*yaml.TypeError](err); ok {
		return "this must be " + kindName(typed.DstType)
	}
	if overflow, ok := errors.AsType[*yaml.OverflowError](err); ok {
		return "this must be " + kindName(overflow.DstType)
	}
	return err.GetMessage()
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number, not negative"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text"
	default:
		return "a " + t.Kind().String()
	}
}
