// Package input reads what people hand to a command: events, and handles of events. What it refuses, it leads to: by line and
// column, and with what to do.
package input

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

// A Place is a line and a column of a text. Both count from 1, a column counts characters.
type Place struct{ Line, Column int }

func (p Place) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// after is the place behind text that begins at p.
func (p Place) after(text []byte) Place {
	for _, b := range text {
		p.pass(b)
	}
	return p
}

func (p *Place) pass(b byte) {
	switch {
	case b == '\n':
		p.Line, p.Column = p.Line+1, 1
	case b&0xc0 != 0x80: // no later byte of a character
		p.Column++
	}
}

// An Error is what is wrong with a text, and where. It reads LINE:COLUMN: what is wrong; what to do.
type Error struct {
	Place
	Text string
}

func (e *Error) Error() string { return e.String() + ": " + e.Text }

var errNothing = errors.New("there are no events in it")

// Events reads the events of a text in their order: JSON values, one after the other, each of them an event, a list of events,
// or an answer of PullEvents. Lists are read element by element. It ends with the first error: an [Error], or what reading
// has come to. A text without any value is one.
func Events(from io.Reader) iter.Seq2[events.Event, error] {
	return func(yield func(events.Event, error) bool) {
		for v, err := range Values(from) {
			if err != nil {
				yield(events.Event{}, err)
				return
			}
			for event, err := range v.events() {
				if !yield(event, err) || err != nil {
					return
				}
			}
		}
	}
}

// events are those of one value: itself, or those of an answer.
func (v Value) events() iter.Seq2[events.Event, error] {
	return func(yield func(events.Event, error) bool) {
		for _, path := range []string{"EventSet", "Response.EventSet"} {
			set := gjson.GetBytes(v.JSON, path)
			if !set.IsArray() {
				continue
			}
			begin := v.after(v.JSON[:set.Index])
			for element, err := range read(strings.NewReader(set.Raw), begin) {
				if err != nil || !yield(element.event()) {
					return // no error: it is a part of what was read
				}
			}
			return
		}
		yield(v.event())
	}
}

func (v Value) event() (events.Event, error) {
	e, err := events.Decode(v.JSON)
	if err != nil {
		return e, &Error{v.Place, v.noEvent() + ", " + near(v.JSON)}
	}
	return e, nil
}

// near quotes the beginning of a text: enough to find it again.
func near(text []byte) string {
	const most = 40
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if shown := []rune(strings.TrimSpace(line)); len(shown) > most {
		line = string(shown[:most-1]) + "…"
	} else {
		line = string(shown)
	}
	return "near " + strconv.Quote(line)
}
