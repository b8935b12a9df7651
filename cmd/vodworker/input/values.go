package input

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"strings"
)

// A Value is valid JSON, and where it begins.
type Value struct {
	Place
	JSON []byte
}

// Values reads JSON values of any kind, one after the other; of a list each element. It ends with the first error, as [Events].
func Values(from io.Reader) iter.Seq2[Value, error] { return read(from, Place{1, 1}) }

func read(from io.Reader, begin Place) iter.Seq2[Value, error] {
	return func(yield func(Value, error) bool) {
		s := &scanner{from: bufio.NewReaderSize(from, 64<<10), at: begin}
		if err := s.encoding(); err != nil {
			yield(Value{}, err)
			return
		}
		for n := 0; ; n++ {
			v, err := s.next()
			if errors.Is(err, io.EOF) {
				if n == 0 && !s.hadList {
					yield(Value{}, errNothing)
				}
				return
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// A scanner takes a text apart into values. Whether brackets match is all that it sees of their JSON before they are whole.
type scanner struct {
	from *bufio.Reader
	at   Place // of the next byte

	inList, hadList bool
	elements        int // of this list
}

// take returns the next byte, and leads behind it.
func (s *scanner) take() (byte, error) {
	b, err := s.from.ReadByte()
	if err == nil {
		s.at.pass(b)
	}
	return b, err
}

// peek returns the next byte that is no white space.
func (s *scanner) peek() (byte, error) {
	for {
		b, err := s.from.ReadByte()
		if err != nil {
			return 0, err
		}
		if !isSpace(b) {
			return b, s.from.UnreadByte()
		}
		s.at.pass(b)
	}
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// next returns the next value, or element of a list.
func (s *scanner) next() (Value, error) {
	for {
		b, err := s.peek()
		switch {
		case err != nil && s.inList && errors.Is(err, io.EOF):
			return Value{}, &Error{s.at, "the list does not end: the file may be cut, or its ] is missing"}
		case err != nil:
			return Value{}, err
		case !s.inList && b == '[':
			s.inList, s.hadList, s.elements = true, true, 0
			_, _ = s.take()
		case !s.inList && b == ',':
			return Value{}, s.here("a comma between two values: take it out, or put all of them between [ and ]")
		case s.inList && b == ']':
			s.inList = false
			_, _ = s.take()
		case s.inList && s.elements > 0:
			if err := s.comma(b); err != nil {
				return Value{}, err
			}
			return s.value()
		default:
			return s.value()
		}
	}
}

// comma takes the one between two elements.
func (s *scanner) comma(b byte) error {
	if b != ',' {
		return s.here("a comma is missing before this element of the list")
	}
	comma := s.at
	_, _ = s.take()
	if b, err := s.peek(); err == nil && b == ']' {
		return &Error{comma, "a comma before the end of the list: take it out"}
	}
	return nil
}

// here is an error at the next byte, with what stands there.
func (s *scanner) here(text string) error {
	rest, _ := s.from.Peek(200)
	return &Error{s.at, text + ", " + near(rest)}
}

// value reads a value to its end, and sees that it is JSON.
func (s *scanner) value() (Value, error) {
	v := Value{Place: s.at}
	s.elements++
	var open []byte // what ends the objects and lists that have begun
	inString := false
	for {
		b, err := s.from.ReadByte()
		whole := len(v.JSON) > 0 && len(open) == 0 && !inString
		switch {
		case errors.Is(err, io.EOF) && whole:
			return v, v.check()
		case errors.Is(err, io.EOF):
			return v, v.unfinished(s.at)
		case err != nil:
			return v, err
		}
		if whole && (ends(v.JSON) || isSpace(b) || strings.IndexByte(`,]}[{"`, b) >= 0) {
			return v, errors.Join(s.from.UnreadByte(), v.check())
		}
		at := s.at
		s.at.pass(b)
		v.JSON = append(v.JSON, b)
		switch {
		case inString && b == '\\':
			if b, err = s.take(); err == nil {
				v.JSON = append(v.JSON, b)
			}
		case inString && b == '\n':
			return v, v.unclosed(at)
		case b == '"':
			inString = !inString
		case inString:
		case b == '{':
			open = append(open, '}')
		case b == '[':
			open = append(open, ']')
		case b == '}' || b == ']':
			if len(open) == 0 || open[len(open)-1] != b {
				return v, v.wrong()
			}
			open = open[:len(open)-1]
		}
	}
}

// ends reports whether nothing may follow what has begun with { [ or ".
func ends(json []byte) bool { return strings.IndexByte(`{["`, json[0]) >= 0 }
