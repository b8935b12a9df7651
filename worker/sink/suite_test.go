//go:build unix

package sink_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
)

func TestStdoutIsASink(t *testing.T) {
	for _, format := range []sink.StdoutFormat{sink.StdoutText, sink.StdoutJSON} {
		t.Run(string(format), func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) sinktest.Harness {
				var stream stream
				out := newStdout(t, &stream, format)
				return sinktest.Harness{
					Sink: out, Arrived: stream.arrived,
					Body: func(e events.Event) []byte {
						if format == sink.StdoutJSON {
							return oneLine(e)
						}
						return []byte(strings.TrimSuffix(render(t, e), "\n"))
					},
					Break: stream.fail,
					Hang: func() (over func()) {
						release := stream.hang()
						var first sync.WaitGroup // whose Write hangs; the rule's own event waits for its turn
						first.Go(func() { out.Handle(t.Context(), event(uploadJSON)) })
						<-stream.stuck
						return func() { release(); first.Wait() }
					},
				}
			})
		})
	}
}

// oneLine is how a line holds an event: without white space if that has line breaks in it.
func oneLine(e events.Event) []byte {
	body := e.Body()
	if !bytes.Contains(body, []byte("\n")) {
		return body
	}
	var line bytes.Buffer
	if err := json.Compact(&line, body); err != nil {
		panic(err)
	}
	return line.Bytes()
}

// A stream is a writer that can be spoilt. What each Write brings is an arrival.
type stream struct {
	mu     sync.Mutex
	writes []sinktest.Arrival
	err    error
	hangs  chan struct{}
	stuck  chan struct{}
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangs != nil {
		close(s.stuck)
		<-s.hangs
		s.hangs = nil
	}
	if s.err != nil {
		return 0, s.err
	}
	s.writes = append(s.writes, sinktest.Arrival{Body: bytes.TrimSuffix(bytes.Clone(p), []byte("\n"))})
	return len(p), nil
}

func (s *stream) arrived() ([]sinktest.Arrival, error) { return s.writes, nil }

func (s *stream) fail() (over func()) {
	s.err = errors.New("no space left")
	return func() { s.err = nil }
}

func (s *stream) hang() (over func()) {
	hangs := make(chan struct{})
	s.hangs, s.stuck = hangs, make(chan struct{})
	return func() { close(hangs) }
}

// Arrived is what a sync has brought to the disk.
func TestFileIsASink(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Harness {
		f, path := newFile(t)
		var synced atomic.Int64
		var hangs atomic.Pointer[chan struct{}]
		f.SyncWith(func(file *os.File) error {
			if hang := hangs.Load(); hang != nil {
				<-*hang
			}
			info, err := file.Stat()
			if err = errors.Join(err, file.Sync()); err == nil {
				synced.Store(info.Size())
			}
			return err
		})
		return sinktest.Harness{
			Sink: f, Body: oneLine,
			Arrived: func() (arrived []sinktest.Arrival, err error) {
				text, err := os.ReadFile(path)
				for line := range bytes.Lines(text[:synced.Load()]) {
					arrived = append(arrived, sinktest.Arrival{Body: bytes.TrimSuffix(line, []byte("\n"))})
				}
				return arrived, err
			},
			Break: func() (over func()) {
				must(t, os.Rename(path, path+".1"))
				must(t, os.Mkdir(path, 0o700))
				return func() { must(t, errors.Join(os.Remove(path), os.Rename(path+".1", path))) }
			},
			Hang: func() (over func()) {
				hang := make(chan struct{})
				hangs.Store(&hang)
				return func() { hangs.Store(nil); close(hang) }
			},
			Traces: func() (string, error) { return listing(filepath.Dir(path)) },
			Held:   func() (int, error) { return openFiles(path) },
		}
	})
}

// listing names everything in a folder, with its size.
func listing(dir string) (all string, err error) {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		info, infoErr := entry.Info()
		err = errors.Join(err, infoErr)
		all += fmt.Sprintf("%s %v %d\n", entry.Name(), info.Mode(), info.Size())
	}
	return all, err
}

// openFiles returns how often this process has a file open, where the system tells.
func openFiles(path string) (n int, err error) {
	if runtime.GOOS != "linux" {
		return 0, nil
	}
	const open = "/proc/self/fd"
	entries, err := os.ReadDir(open)
	for _, entry := range entries {
		if target, err := os.Readlink(filepath.Join(open, entry.Name())); err == nil && target == path {
			n++
		}
	}
	return n, err
}

// The program puts what it was given into a folder of its own, and renames that when it is whole.
const program = `
case $(cat "$1/mode") in
fail) exit 3;;
hang) sleep 1000;;
esac
set -e
new=$(mktemp -d "$1/new.XXXXXX")
cat >"$new/body"
printf %s "$VOD_EVENT_KEY" >"$new/id"
mv "$new" "$1/out.${new##*.}"`

func TestExecIsASink(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Harness {
		dir := t.TempDir()
		does := func(mode string) { must(t, os.WriteFile(filepath.Join(dir, "mode"), []byte(mode), 0o600)) }
		turns := func(mode string) func() (over func()) {
			return func() (over func()) { does(mode); return func() { does("") } }
		}
		does("")
		script := filepath.Join(dir, "on-event")
		must(t, os.WriteFile(script, []byte("#!/bin/sh"+program), 0o700))
		x, err := sink.NewExec(sink.ExecOptions{Command: []string{script, dir, "--token=hunter2"}})
		must(t, err)
		return sinktest.Harness{
			Sink: x, HasIDs: true, Secrets: []string{"hunter2"}, Fail: turns("fail"), Hang: turns("hang"),
			Break: func() (over func()) {
				must(t, os.Chmod(script, 0o600))
				return func() { must(t, os.Chmod(script, 0o700)) }
			},
			Arrived: func() (arrived []sinktest.Arrival, err error) {
				folders, err := filepath.Glob(filepath.Join(dir, "out.*"))
				for _, folder := range folders {
					id, idErr := os.ReadFile(filepath.Join(folder, "id"))
					body, bodyErr := os.ReadFile(filepath.Join(folder, "body"))
					arrived = append(arrived, sinktest.Arrival{ID: string(id), Body: body})
					err = errors.Join(err, idErr, bodyErr)
				}
				return arrived, err
			},
			Traces: func() (string, error) { return listing(dir) },
		}
	})
}
