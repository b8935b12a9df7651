package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/vodworker/vodworker/events"
)

// A Format is how [Stdout] writes an event.
type Format string

const (
	// Text is for people: a line that says what happened to which file, and under it an indented line for each
	// result of a task, such as a transcoded video. What would steer a terminal is written as an escape.
	Text Format = "text"

	// JSON is for programs: a line for each event, the body of the callback that VOD would have sent. The bytes are
	// VOD's own, unless they spread over several lines; then the white space between them is taken out.
	JSON Format = "json"
)

// Stdout writes events to a stream, each in one Write, so that concurrent events do not mix.
type Stdout struct {
	render func(events.Event) []byte
	turn   chan struct{} // holds one token; who has it may use the fields below
	w      io.Writer
	torn   bool // the last Write stopped half-way, inside a line
}

// NewStdout returns a sink that writes to w, which it never closes. No format means [Text]. It fails if w is nil or
// the format is none of the constants.
//
// If w is the standard output and its reader is gone, Go ends the process by SIGPIPE within the Write. A program that
// would rather see the error must take that signal: see os/signal.
func NewStdout(w io.Writer, format Format) (*Stdout, error) {
	if w == nil {
		return nil, errors.New("stdout: no writer")
	}
	s := &Stdout{turn: make(chan struct{}, 1), w: w}
	switch format {
	case Text, "":
		s.render = renderText
	case JSON:
		s.render = renderJSON
	default:
		return nil, fmt.Errorf("stdout: format is %q, want %q or %q", string(format), Text, JSON)
	}
	return s, nil
}

// Handle writes e and returns what Write returned. It waits for its turn as long as ctx lasts; a Write that blocks,
// for nobody reads the pipe, cannot be cut short.
func (s *Stdout) Handle(ctx context.Context, e events.Event) error {
	out := s.render(e)
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stdout: not written: %w", err)
	}
	if s.torn {
		out = append([]byte("\n"), out...) // what follows half a line must not become part of it
	}
	n, err := s.w.Write(out)
	if err == nil && n < len(out) {
		err = io.ErrShortWrite
	}
	if n > 0 {
		s.torn = n < len(out)
	}
	if err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}

// Close does nothing, since the writer is the caller's. It returns nil.
func (s *Stdout) Close() error { return nil }

func renderJSON(e events.Event) []byte {
	body := e.Body()
	if bytes.IndexByte(body, '\n') < 0 {
		return append(body[:len(body):len(body)], '\n') // body may be Raw itself, which is not ours to extend
	}
	var line bytes.Buffer
	if json.Compact(&line, body) != nil {
		return append(bytes.ReplaceAll(body, []byte("\n"), []byte(" ")), '\n')
	}
	line.WriteByte('\n')
	return line.Bytes()
}
