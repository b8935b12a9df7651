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

// A StdoutFormat is how [Stdout] writes an event.
type StdoutFormat string

const (
	// StdoutText is for people: a line that says what happened to which file, and under it an indented line for each
	// result of a task, such as a transcoded video. What would steer a terminal is written as an escape.
	StdoutText StdoutFormat = "text"

	// StdoutJSON is for programs: a line for each event, the body of the callback that VOD would have sent. The bytes are
	// VOD's own, unless they spread over several lines; then the white space between them is taken out.
	StdoutJSON StdoutFormat = "json"
)

// StdoutOptions say how a [Stdout] writes.
type StdoutOptions struct {
	// Format is how an event is written. Empty: [StdoutText].
	Format StdoutFormat `yaml:"format"`
}

// Validate returns what NewStdout would say of the options.
func (o StdoutOptions) Validate() error {
	switch o.Format {
	case StdoutText, StdoutJSON, "":
		return nil
	}
	return fmt.Errorf("stdout: format is %q, want %q or %q", string(o.Format), StdoutText, StdoutJSON)
}

// Stdout writes events to a stream, each in one Write, so that concurrent events do not mix.
type Stdout struct {
	render func(events.Event) []byte
	turn   chan struct{} // holds one token; who has it may use the fields below
	w      io.Writer
	torn   bool // the last Write stopped half-way, inside a line
}

// NewStdout returns a sink that writes to w, which it never closes. It fails if w is nil or the options
// are not valid.
//
// If w is the standard output and its reader is gone, Go ends the process by SIGPIPE within the Write. A program that
// would rather see the error must take that signal: see os/signal.
func NewStdout(w io.Writer, opts StdoutOptions) (*Stdout, error) {
	if w == nil {
		return nil, errors.New("stdout: no writer")
	}
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	s := &Stdout{turn: make(chan struct{}, 1), w: w}
	s.render = renderText
	if opts.Format == StdoutJSON {
		s.render = renderJSON
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

// String returns "stdout".
func (s *Stdout) String() string { return "stdout" }

// Reach finds nothing that could be wrong.
func (s *Stdout) Reach(context.Context) (found string, err error) { return s.String(), nil }

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
