package emulate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// longestLine is more than any event has that the emulator takes, which is 10 MB.
const longestLine = 16 << 20

// A recording is the file of --replay. It is read line by line, since it may be larger than the memory.
type recording struct {
	name string
	cut  bool // the last line, so that it is passed over
}

// check reads all of it. Errors say where.
func (r *recording) check() error {
	for _, err := range r.events() {
		if err != nil {
			return err
		}
	}
	return nil
}

// events returns its events, up to the first error.
func (r *recording) events() iter.Seq2[vodtest.Sent, error] {
	return func(yield func(vodtest.Sent, error) bool) {
		file, err := r.open()
		if err != nil {
			yield(vodtest.Sent{}, err)
			return
		}
		defer func() { _ = file.Close() }()
		line := 0
		for text, err := range r.lines(file) {
			if line++; err == nil && len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			var sent vodtest.Sent
			if err == nil {
				sent, err = parseSent(text)
			}
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", r.name, line, err)
			}
			if !yield(sent, err) || err != nil {
				return
			}
		}
	}
}

// open refuses what is no file before it is opened: that of a pipe waits for who writes to it.
func (r *recording) open() (file *os.File, err error) {
	about, err := os.Stat(r.name)
	if err == nil && !about.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it must be a file, since it is read twice", r.name)
	}
	if err == nil {
		file, err = os.Open(r.name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, usage.File(err))
	}
	return file, nil
}

// lines returns those that end. A line without an end is the last one of an emulator that was killed.
func (r *recording) lines(from io.Reader) iter.Seq2[[]byte, error] {
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, longestLine)
	scanner.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			return end + 1, data[:end:end], nil
		}
		if atEOF && len(data) > 0 {
			r.cut = true
			return len(data), nil, nil
		}
		return 0, nil, nil
	})
	return func(yield func([]byte, error) bool) {
		for scanner.Scan() {
			if !yield(scanner.Bytes(), nil) {
				return
			}
		}
		err := scanner.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = errors.New("the line is longer than 16 MB: --record writes none so long")
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func parseSent(line []byte) (sent vodtest.Sent, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&sent)
	if err == nil && (sent.Time.IsZero() || !bytes.HasPrefix(sent.Event, []byte("{")) || decoder.More()) {
		err = errors.New("something is missing, or too much")
	}
	if err != nil {
		err = fmt.Errorf(`want a line as --record writes it, {"Time":"…","SubAppId":0,"Event":{…}}: %w`, err)
	}
	return sent, err
}
