package config

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// syntax says in people's words what the YAML library has found. Its own words may quote what is secret.
func (s *source) syntax(err error) *Error {
	found, is := errors.AsType[yaml.Error](err)
	if !is || found.GetToken() == nil {
		return s.newError(1, 1, "…", "the file can't be read as YAML; look for a missing quote or bracket")
	}
	tok := found.GetToken()
	line, column := tok.Position.Line, tok.Position.Column
	if tab := s.tab(line); tab != nil {
		return tab
	}
	for _, near := range []int{line, line - 1, line + 1} {
		if odd := s.oddIn(near, 1); odd != nil {
			return odd
		}
	}
	return s.newError(line, column, "…", "%s", advice(found.GetMessage(), tok, s.rest(line, column)))
}

// rest returns a line from a column on.
func (s *source) rest(line, column int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	runes := []rune(s.lines[line-1])
	return strings.TrimSpace(string(runes[min(max(column-1, 0), len(runes)):]))
}

// advice turns a message of the YAML library into what to write.
func advice(message string, tok *token.Token, rest string) string {
	has := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case has("already defined"):
		_, first, _ := strings.Cut(message, "at [")
		first, _, _ = strings.Cut(first, ":")
		key := "a key"
		if found := plainKey.FindStringSubmatch(rest); found != nil {
			key = `the key "` + found[1] + `"`
		}
		return key + " stands here a second time, first in line " + first + "; keep one of them"
	case strings.HasPrefix(rest, "{") && has("must be specified"), has("flow map"):
		return `between { and } each key needs its value; write {KEY: VALUE, KEY: VALUE}, and what has { in it, such as "${VAR}" or "vod.{type}", in quotes`
	case has("']' not found"), has("sequence end token"), has("'}' not found"), has("must be specified"):
		return "a list or a group of keys is not closed here; write the ] or } that is missing"
	case has("double-quoted"), has("single-quoted"):
		return "a quote is opened here and not closed; write it at the end of the value too"
	case strings.HasPrefix(rest, "%") && tok.Position.Column == 1:
		return "a line that begins with % stands only at the top of a file, with --- below it; take it out"
	case has("unexpected scalar value") && before(tok, 1) == token.MappingKeyType:
		return `a ? of its own needs quotes; write "?"`
	case has("unexpected scalar value") && before(tok, 2) == token.AnchorType:
		return "an anchor and an alias stand behind each other here; take out one of them"
	case has("alias"), has("unexpected scalar value"), strings.HasPrefix(rest, "*"):
		return `a * of its own needs quotes; write "*"`
	case has("reserved character"), has("directive"):
		return "a value can't begin with @, ` or %; write it in quotes"
	case has("mapping value is not allowed"):
		return "a colon too many stands here, or the line below is indented too far; quote a value that has a colon and a space in it"
	case has("value is not allowed"):
		return "this can't stand here; write one key on a line, and indent all keys of a group alike"
	case has("unexpected key"), has("non-map"), has("could not find expected"):
		return "a key has no colon here; write KEY: VALUE"
	}
	return "this can't be read as YAML; look for a missing colon, quote or bracket here and in the line above"
}

// before returns the type of the token that stands some tokens before another.
func before(tok *token.Token, some int) token.Type {
	for range some {
		if tok = tok.Prev; tok == nil {
			return token.UnknownType
		}
	}
	return tok.Type
}
