package sink

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLayers is how often a text may have been escaped. What was escaped more often is not seen through.
const maxLayers = 8

// undo returns text without its escapes, and where each byte of that begins in text, with the end of text behind. The escapes of
// JSON and of most languages, of HTML and of URLs are undone, also within each other. There is no \ any more then, and + is the
// space that it is in a URL: however a text was escaped, the same is left of it.
func undo(text []byte) (plain []byte, begins []int) {
	plain, begins = bytes.Clone(text), make([]int, len(text))
	for i := range begins {
		begins[i] = i
	}
	for range maxLayers {
		kept := 0
		for i, length := 0, 0; i < len(plain); i += length {
			var is []byte
			length, is = escape(plain[i:])
			for _, b := range is { // never more than length
				plain[kept], begins[kept] = b, begins[i]
				kept++
			}
		}
		if kept == len(plain) {
			break
		}
		plain, begins = plain[:kept], begins[:kept]
	}
	for i, b := range plain {
		const controls, letters = "\b\f\n\r\t", "bfnrt" // which stand for them behind a \
		if control := strings.IndexByte(controls, b); control >= 0 {
			plain[i] = letters[control]
		} else if b == '+' {
			plain[i] = ' '
		}
	}
	return plain, append(begins, len(text))
}

var escapes = []struct {
	mark   string
	digits int // hexadecimal
}{{`%`, 2}, {`\x`, 2}, {`\u`, 4}, {`%u`, 4}, {`\U`, 8}}

// escape returns how long the escape is that text begins with, and what it stands for. Without one they are the first byte's.
func escape(text []byte) (length int, is []byte) {
	switch text[0] {
	case '&':
		end := bytes.IndexByte(text[:min(len(text), maxEntity)], ';')
		if character := html.UnescapeString(string(text[:end+1])); utf8.RuneCountInString(character) == 1 {
			return end + 1, []byte(character)
		}
	case '%', '\\':
		for _, escape := range escapes {
			length := len(escape.mark) + escape.digits
			code, found := hexBehind(escape.mark, escape.digits, text)
			switch {
			case !found:
				continue
			case escape.digits == 2:
				return length, []byte{byte(code)}
			case utf16.IsSurrogate(code):
				second, _ := hexBehind(escape.mark, escape.digits, text[length:])
				if whole := utf16.DecodeRune(code, second); whole != utf8.RuneError {
					code, length = whole, 2*length
				}
			}
			return length, utf8.AppendRune(nil, code)
		}
		if text[0] == '\\' {
			return min(2, len(text)), text[1:min(2, len(text))]
		}
	}
	return 1, text[:1]
}

const maxEntity = 32 // bytes

// hexBehind returns the number of so many digits behind the mark that text begins with.
func hexBehind(mark string, digits int, text []byte) (number rune, found bool) {
	rest, found := bytes.CutPrefix(text, []byte(mark))
	if !found || len(rest) < digits {
		return 0, false
	}
	code, err := strconv.ParseUint(string(rest[:digits]), 16, 32)
	return rune(code), err == nil
}
