package emulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A recorder writes the events that are sent to the file of --record, each as a line of JSON. A line is written in one piece, so
// that whoever is killed leaves whole lines, but perhaps for the last one.
type recorder struct {
	file  *os.File
	lines *json.Encoder
	log   zerolog.Logger
	ended bool // since a line could not be written
}

// newRecorder makes the file, which others can't read: events may tell of customers. Without --record there is none.
func (o *Options) newRecorder(log zerolog.Logger) (*recorder, error) {
	name := o.record
	if name == "" {
		return nil, nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, usage.Mistaken(fmt.Errorf("--record %q: there is such a file: name a new one, or move that one away", name))
	}
	if err != nil {
		return nil, usage.Mistaken(fmt.Errorf("--record: %w", err))
	}
	r := &recorder{file: file, lines: linesTo(file), log: log}
	o.config.Record = r.record
	return r, nil
}

func linesTo(file *os.File) *json.Encoder {
	lines := json.NewEncoder(file)
	lines.SetEscapeHTML(false) // what is sent stays as it is
	return lines
}

// record is called for one event at a time.
func (r *recorder) record(sent vodtest.Sent) {
	if r.ended {
		return
	}
	if err := r.lines.Encode(sent); err != nil && !errors.Is(err, fs.ErrClosed) { // of a call that outlives the emulator
		r.ended = true // what follows half a line could not be read
		r.log.Error().Err(err).Msg("events are recorded no more, and the emulator goes on: " +
			"make room, and start it again with a new file for --record")
	}
}

// close is called when nothing is sent any more.
func (r *recorder) close() error {
	if r == nil {
		return nil
	}
	return r.file.Close()
}

// discard takes back a file of an emulator that has not started.
func (r *recorder) discard() {
	if r != nil {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name()) // it is empty, or has what nobody saw
	}
}
