package config

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// MaxText is how many bytes a configuration may have.
const MaxText = 1 << 20

// bom is what editors on Windows put in front of a text.
const bom = "\ufeff"

// newSource splits a text into lines. It returns an error, too, if the text can't be one that a person has written.
func newSource(file string, text []byte) (s *source, plain string, err *Error) {
	plain = strings.ReplaceAll(strings.TrimPrefix(string(text), bom), "\r\n", "\n")
	s = &source{file: file, spots: map[string]spot{"": {}}, lines: strings.Split(plain, "\n")}
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		s.lines = []string{""}
		return s, "", s.newError(1, 1, "…", "the file is UTF-16; save it as UTF-8")
	}
	if len(text) > MaxText {
		return s, "", s.newError(1, 1, "…", "the file has more than 1 MiB; a configuration is smaller, name the right file")
	}
	for i, line := range s.lines {
		if at := strings.IndexByte(line, 0); at >= 0 {
			column := utf8.RuneCountInString(line[:at]) + 1
			return s, "", s.newError(i+1, column, "…", "a NUL stands here, so this is no text; name the right file")
		}
		if at := strings.IndexByte(line, '\r'); at >= 0 {
			column := utf8.RuneCountInString(line[:at]) + 1
			return s, "", s.newError(i+1, column, "…", "a line ends with CR alone here, as on old Macs; save the file with LF")
		}
		if !utf8.ValidString(line) {
			valid := utf8.RuneCountInString(line[:validUntil(line)])
			return s, "", s.newError(i+1, valid+1, "…", "this is not UTF-8, but GBK perhaps; save the file as UTF-8")
		}
	}
	return s, plain, nil
}

func validUntil(line string) int {
	at := 0
	for at < len(line) {
		r, size := utf8.DecodeRuneInString(line[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// tab returns an error if a line is indented by a tab, which no reader of YAML takes.
func (s *source) tab(line int) *Error {
	for n := max(line-1, 1); n <= min(line+1, len(s.lines)); n++ {
		text := s.lines[n-1]
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t-"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 {
			of := "this line"
			if found := glued.FindStringSubmatch(text[len(indent):]); found != nil && isKey(found[1]) {
				of = found[1]
			}
			return s.newError(n, at+1, "…", "a tab stands in front of %s; indent with spaces", of)
		}
	}
	return nil
}
