package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// lookalikes are characters of Chinese keyboards, word processors and web pages that look like those of YAML, and aren't.
var lookalikes = map[rune]string{
	'：': ":", '，': ",", '、': ",", '“': `"`, '”': `"`, '‘': "'", '’': "'", '＂': `"`, '＇': "'",
	'【': "[", '】': "]", '［': "[", '］': "]", '｛': "{", '｝': "}", '－': "-", '–': "-", '—': "-", '＃': "#", '＊': "*", '＝': "=",
}

// oddSpaces are no white space in YAML.
var oddSpaces = map[rune]string{
	0x00a0: "no-break space", 0x3000: "full-width space", 0x200b: "zero-width space", 0x2003: "wide space",
	0xfeff: "byte order mark",
}

// oddity says what to write instead of a character that only looks as if it were right; "" for any other.
func oddity(r rune) string {
	if plain, is := lookalikes[r]; is {
		hint := ""
		if plain == ":" || plain == "," || plain == "-" {
			hint = " and a space"
		}
		return fmt.Sprintf("%c (U+%04X) only looks like %s here; write %s%s", r, r, plain, plain, hint)
	}
	if name, is := oddSpaces[r]; is {
		return fmt.Sprintf("a %s (U+%04X) stands here; write an ordinary space, or none", name, r)
	}
	return ""
}

// odd notes the first such character in a key or value that is wrong, and reports whether there is one.
func (d *decoder) odd(node ast.Node, key string) bool {
	text, is := node.(*ast.StringNode)
	if !is || text.Token.Type == token.DoubleQuoteType || text.Token.Type == token.SingleQuoteType {
		return false
	}
	where := position(node)
	err := d.oddIn(where.Line, where.Column)
	if err == nil || !strings.ContainsFunc(text.Token.Value, func(r rune) bool { return oddity(r) != "" }) {
		return false
	}
	err.key = key
	d.add(err)
	return true
}

// oddIn returns an error at the first odd character from a column of a line on, but for quoted texts and comments.
func (s *source) oddIn(line, column int) *Error {
	if line < 1 || line > len(s.lines) {
		return nil
	}
	runes := []rune(s.lines[line-1])
	var quote rune
	for i, r := range runes {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
		case (r == '"' || r == '\'') && (i == 0 || slices.Contains([]rune(" [{,"), runes[i-1])):
			quote = r
		case r == '#' && (i == 0 || runes[i-1] == ' '):
			return nil
		case i+1 >= column && oddity(r) != "":
			return s.newError(line, i+1, string(r), "%s", oddity(r))
		}
	}
	return nil
}
