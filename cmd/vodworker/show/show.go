// Package show makes text for a terminal of what others have sent.
package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// JSON returns JSON indented, in the digits and the order in which it came. What a terminal would obey is
// escaped, which in JSON's strings means the same.
func JSON(raw []byte) string {
	var indented bytes.Buffer
	if raw = bytes.TrimSpace(raw); !json.Valid(raw) {
		return strconv.Quote(string(raw))
	}
	if indentation(raw) > maxIndentation {
		_ = json.Compact(&indented, raw)
	} else {
		_ = json.Indent(&indented, raw, "", "  ")
	}
	var out strings.Builder
	for _, r := range indented.String() {
		switch {
		case r == '\n' || strconv.IsPrint(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

const maxIndentation = 4 << 20

// indentation returns how many bytes of it valid JSON would get at most: with lists in lists, the square of what it has.
func indentation(raw []byte) (total int) {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			total += 2 * depth
		case ',':
			total += 2 * depth
		case '}', ']':
			depth--
			total += 2 * depth
		}
	}
	return total
}

// Plain returns foreign text on one line, without what would steer a terminal.
func Plain(s string) string {
	printable := strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(printable), " ")
}

// Lines writes a line of JSON for each value, with < and & as they are.
func Lines(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}
