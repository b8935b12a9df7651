package sink

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
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
	// Format is how events are written. Empty: [StdoutText].
	Format StdoutFormat `yaml:"format"`
}

// Validate fails if the format is none of the constants, with an [*OptionError].
func (o StdoutOptions) Validate() error {
	switch o.Format {
	case "", StdoutText, StdoutJSON:
		return nil
	}
	return &OptionError{"format", fmt.Errorf("there is no such format; write %s or %s", StdoutText, StdoutJSON)}
}

// Stdout writes events to a stream, each in one Write, so that concurrent events do not mix.
type Stdout struct {
	render func(events.Event) []byte
	gate   chan struct{} // holds one token; who has it may use the fields below
	w      io.Writer
	torn   bool // the last Write stopped half-way, inside a line
}

var _ Sink = (*Stdout)(nil)

// NewStdout returns a sink that writes to w, which it never closes. It fails if w is nil, and if the options are not valid.
//
// If w is the standard output and its reader is gone, Go ends the process by SIGPIPE within the Write. A program that
// would rather see the error must take that signal: see os/signal.
func NewStdout(w io.Writer, opts StdoutOptions) (*Stdout, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if w == nil {
		return nil, errors.New("stdout: no writer")
	}
	s := &Stdout{render: renderText, gate: make(chan struct{}, 1), w: w}
	if opts.Format == StdoutJSON {
		s.render = jsonLine
	}
	return s, nil
}

// Handle writes e. What Write returns is [worker.Unreachable]: a full disk or a closed pipe takes no other event either. It waits
// for its turn as long as ctx lasts. A Write that blocks, since nobody reads the pipe, cannot be cut short.
func (s *Stdout) Handle(ctx context.Context, e events.Event) error {
	out := s.render(e)
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return fmt.Errorf("stdout: not written: %w", say.Ended(ctx))
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
		return worker.Unreachable(fmt.Errorf("stdout: %w", err))
	}
	return nil
}

// Reach finds nothing wrong: whether a stream can be written to is seen by writing.
func (s *Stdout) Reach(context.Context) (found string, err error) { return s.String(), nil }

// String returns "stdout".
func (s *Stdout) String() string { return "stdout" }

// Close does nothing, since the writer is the caller's. It returns nil.
func (s *Stdout) Close() error { return nil }
