package events

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strings"

	"github.com/tidwall/gjson"
)

// padding is how many zeros stand behind the event, so that a scan may look ahead without looking for the end.
const padding = 8

// next returns the byte behind white space, or 0 at the end.
func (w *walk) next() byte {
	for w.text[w.at] <= ' ' && w.at < w.end {
		switch w.text[w.at] {
		case ' ', '\t', '\n', '\r':
			w.at++
		default:
			return 0
		}
	}
	return w.text[w.at]
}

// skip reads a byte, and white space in front, if it is this one.
func (w *walk) skip(b byte) bool {
	if w.text[w.at] != b && w.next() != b {
		return false
	}
	w.at++
	return true
}

// word reads a number, a boolean or null. What most of them are is checked here, and the rest by gjson.
func (w *walk) word() (span, bool) {
	rest, n := w.text[w.at:], 0
	if string(rest[:len("null")]) == "null" {
		return w.take(len("null")), true
	}
	for '0' <= rest[n] && rest[n] <= '9' {
		n++
	}
	if (n == 1 || n > 1 && rest[0] != '0') && rest[n] != '.' && rest[n] != 'e' && rest[n] != 'E' {
		return w.take(n), true
	}
	for rest[n] > ' ' && rest[n] != ',' && rest[n] != ']' && rest[n] != '}' {
		n++
	}
	return w.take(n), gjson.ValidBytes(rest[:n])
}

// take reads n bytes.
func (w *walk) take(n int) span {
	w.at += n
	return span{w.at - n, w.at}
}

// encoded reads a string, and returns it as encoding/json writes it.
func (w *walk) encoded() (span, bool) {
	quoted, plain := w.quoted()
	if plain {
		return quoted, true
	}
	start := len(w.text)
	for i := quoted.from; i < quoted.to; i++ {
		switch b := w.text[i]; {
		case b == '<' || b == '>' || b == '&':
			w.text = append(w.text, '\\', 'u', '0', '0', '0'+b>>4, "0123456789abcdef"[b&15])
		case b == '\\' && strings.IndexByte(`"\bfnrt`, w.text[i+1]) >= 0: // encoding/json writes these as they are
			w.text = append(w.text, b, w.text[i+1])
			i++
		case b == '\\' || b == 0xe2 || b < ' ':
			return w.recode(quoted)
		default:
			w.text = append(w.text, b)
		}
	}
	return span{start, len(w.text)}, quoted.to > 0
}

// recode has encoding/json decode and encode a string.
func (w *walk) recode(quoted span) (span, bool) {
	var text string
	if json.Unmarshal(w.part(quoted), &text) != nil {
		return span{}, false
	}
	encoded, err := json.Marshal(text)
	start := len(w.text)
	w.text = append(w.text, encoded...)
	return span{start, len(w.text)}, err == nil
}

// quoted reads a string with its quotes. It is plain if encoding/json would write the same bytes. The span is empty if
// the string does not end.
func (w *walk) quoted() (quoted span, plain bool) {
	text, from := w.text, w.at
	plain = true
	for i := from + 1; i < w.end; {
		special := special(binary.LittleEndian.Uint64(text[i:]))
		if special == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(special) / 8
		switch b := text[i]; b {
		case '"':
			w.at = i + 1
			return span{from, w.at}, plain
		case '\\':
			plain = false
			i++ // what is escaped may be a quote
		case '<', '>', '&', 0xe2: // 0xe2 begins U+2028 and U+2029, which encoding/json escapes
			plain = false
		default:
			plain = plain && b >= ' '
		}
		i++
	}
	return span{}, false
}

// special looks at eight bytes at once. The lowest bit that is set is the highest one of the first byte that is below
// 0x27, such as control characters, " and &, that is <, > or \, or that is not ASCII. It is 0 if there is none. A byte is
// below n, or 0, if subtracting n, or 1, sets its highest bit, which was not set.
func special(eight uint64) uint64 {
	const each = 0x0101010101010101
	angle := (eight | 0x02*each) ^ '>'*each // < and > differ in one bit
	backslash := eight ^ '\\'*each
	return ((eight-0x27*each)&^eight | (angle-each)&^angle | (backslash-each)&^backslash | eight) & (0x80 * each)
}
