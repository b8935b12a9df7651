package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A spot is where a key stands. A whole file and the entries of a list have no key, a key may have no value.
type spot struct{ key, value ast.Node }

// position returns where a mistake in the value is shown: at the value, or at the key where there is none.
func (s spot) position() *token.Position {
	if s.key != nil && (s.value == nil || s.value.Type() == ast.NullType) {
		return position(s.key)
	}
	return position(s.value)
}

// position returns where a node begins. That of a mapping is not its token, which is the first colon.
func position(node ast.Node) *token.Position {
	switch n := node.(type) {
	case nil:
		return &token.Position{Line: 1, Column: 1}
	case *ast.MappingNode:
		if n.IsFlowStyle || len(n.Values) == 0 {
			return n.Start.Position
		}
		return position(n.Values[0].Key)
	case *ast.MappingValueNode:
		return position(n.Key)
	}
	return node.GetToken().Position
}

// written returns a scalar as the file has it, without the quotes and with its variables; "" for anything else. An alias has
// none: its name may be a secret that begins with a *, and has no quotes.
func written(node ast.Node) string {
	switch n := node.(type) {
	case *ast.AnchorNode:
		return written(n.Value)
	case *ast.TagNode:
		return written(n.Value)
	case *ast.AliasNode:
		return ""
	case *ast.LiteralNode:
		return n.Value.Value
	case ast.ScalarNode:
		if n.Type() != ast.NullType {
			return n.GetToken().Value
		}
	}
	return ""
}

// Errorf returns the [Error] of a key such as handlers[0].file.path, for what is found after Parse. Its place is that of the
// key's value or, where the file has no such key, that of what should have it. The text says the value, unless that may be a
// secret. A single %w is unwrapped.
func (c *Config) Errorf(key, format string, args ...any) error {
	problem := fmt.Errorf(format, args...)
	if c.source == nil { // these are defaults, there is no file
		return fmt.Errorf("%s: %w", key, problem)
	}
	err := c.source.errorf(key, "%v", problem)
	err.cause = errors.Unwrap(problem)
	return err
}

// errorf returns an error about the value of a key.
func (s *source) errorf(key, format string, args ...any) *Error {
	if by, is := s.overridden[key]; is {
		return &Error{File: s.file, key: key, Text: fmt.Sprintf("%s, for %s: %s", by, key, fmt.Sprintf(format, args...))}
	}
	shown, text := "", key
	if at, found := s.spots[key]; found {
		shown = show(key, written(at.value))
	}
	if shown != "" {
		text += fmt.Sprintf(" is %s", quoted(shown))
	}
	return s.say(key, "%s: %s", text, fmt.Sprintf(format, args...))
}

// say returns an error at a key, or at the nearest that is around it.
func (s *source) say(key, format string, args ...any) *Error {
	at, found := s.spots[key]
	for outer := key; !found && outer != ""; at, found = s.spots[outer] {
		outer = outer[:max(strings.LastIndexAny(outer, ".["), 0)]
	}
	shown := "…"
	if value := show(key, written(at.value)); value != "" {
		shown = value
	} else if name, isText := at.key.(*ast.StringNode); isText && at.position() == position(at.key) {
		shown = name.Token.Value + ":"
	}
	where := at.position()
	err := s.newError(where.Line, where.Column, shown, format, args...)
	err.key = key
	return err
}

// note notes an error at a key.
func (s *source) note(key, format string, args ...any) { s.add(s.say(key, format, args...)) }

// bad notes an error about the value of a key.
func (s *source) bad(key, format string, args ...any) { s.add(s.errorf(key, format, args...)) }

// warn notes a warning about the value of a key.
func (s *source) warn(key, format string, args ...any) {
	s.warnings = append(s.warnings, s.errorf(key, format, args...))
}
