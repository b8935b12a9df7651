package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// encoding refuses what is no UTF-8, and passes over a byte order mark.
func (s *scanner) encoding() error {
	head, _ := s.from.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = s.from.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")),
		len(head) > 1 && (head[0] == 0) != (head[1] == 0):
		return &Error{s.at, "this is UTF-16: save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE"}
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return &Error{s.at, "this is compressed: unpack it first, gunzip -c FILE"}
	}
	return nil
}

// check sees that the value is JSON.
func (v Value) check() error {
	if json.Valid(v.JSON) {
		return nil
	}
	return v.wrong()
}

// wrong says what the first thing is that is no JSON.
func (v Value) wrong() error {
	if cut := v.cut(); cut != nil {
		return cut
	}
	at := max(0, v.firstWrong()-1)
	found, before := v.JSON[at:], bytes.TrimRight(v.JSON[:at], " \t\r\n")
	place := v.after(v.JSON[:at])
	switch {
	case len(before) > 0 && before[len(before)-1] == ',' && (found[0] == '}' || found[0] == ']'):
		return &Error{v.after(before[:len(before)-1]), fmt.Sprintf("a comma before the %c: take it out", found[0])}
	case found[0] == '\'':
		return &Error{place, `texts and names of JSON stand between double quotes, ", ` + near(found)}
	case foreign(found) != "":
		return &Error{place, foreign(found) + ", " + near(found)}
	case found[0] == '"' && len(before) > 0 && bytes.IndexByte([]byte(`"}]`), before[len(before)-1]) >= 0:
		return &Error{place, "a comma or a colon is missing before this, " + near(found)}
	case at == 0:
		return &Error{place, "this is no JSON: events stand in the file as VOD sends them, " + near(found)}
	}
	return &Error{place, "this is no JSON here, " + near(found)}
}

// foreign says what to write for what Python, JavaScript and Chinese keyboards make.
func foreign(found []byte) string {
	for wrong, right := range map[string]string{
		"True": "true", "False": "false", "None": "null", "NaN": "null", "Infinity": "null", "-Infinity": "null", "undefined": "null",
	} {
		if bytes.HasPrefix(found, []byte(wrong)) {
			return fmt.Sprintf("JSON has no %s: write %s", wrong, right)
		}
	}
	switch r, _ := utf8.DecodeRune(found); {
	case strings.ContainsRune("“”‘’＂＇„«»「」", r):
		return fmt.Sprintf("%c is no quote of JSON: write \"", r)
	case r == '、':
		return fmt.Sprintf("%c is no comma of JSON: write %q", r, ",")
	case r > 0xff00 && r < 0xff5f: // the full-width twins of ASCII
		return fmt.Sprintf("%c is full-width: write %q", r, string(r-0xfee0))
	}
	return ""
}

// firstWrong returns how many bytes there are up to the first that can't be JSON, with it; all, if only the end is missing.
func (v Value) firstWrong() int {
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(v.JSON, new(json.RawMessage))); ok {
		return min(int(syntax.Offset), len(v.JSON))
	}
	return len(v.JSON)
}

// unfinished says that the text ended within the value.
func (v Value) unfinished(end Place) error {
	if cut := v.cut(); cut != nil {
		return cut
	}
	if v.firstWrong() < len(v.JSON) {
		return v.wrong()
	}
	return &Error{end, fmt.Sprintf("the value that begins at %v does not end: the file may be cut, %s", v.Place, near(v.JSON))}
}

// unclosed says that a line ended within a text.
func (v Value) unclosed(at Place) error {
	return &Error{at, fmt.Sprintf("a text has no closing quote on its line: the line may be cut; the value begins at %v, %s",
		v.Place, near(v.JSON))}
}

// cut recognises a line of JSON lines that lacks its end: the next one begins a value, which within one would be indented.
func (v Value) cut() error {
	line, next, _ := bytes.Cut(v.JSON, []byte("\n"))
	if len(line) < 2 || v.Column != 1 || !bytes.HasPrefix(next, []byte("{")) {
		return nil
	}
	return &Error{v.after(bytes.TrimRight(line, "\r")), fmt.Sprintf(
		"the value that begins at %v does not end on its line, and the next line begins another: this line may be cut, %s",
		v.Place, near(v.JSON))}
}
