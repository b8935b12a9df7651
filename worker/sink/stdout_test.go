package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

func newStdout(t testing.TB, w io.Writer, format sink.StdoutFormat) *sink.Stdout {
	t.Helper()
	out, err := sink.NewStdout(w, sink.StdoutOptions{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStdoutJSONKeepsBytes(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{
			"one line", `{"EventType" : "X","b":1.50,"a":"\u00e9<&>", "n":5285890784246869930}`,
			`{"EventType" : "X","b":1.50,"a":"\u00e9<&>", "n":5285890784246869930}`,
		},
		{"without its handle", `{"EventHandle":"h","EventType":"X"}`, `{"EventType":"X"}`},
		{"several lines", "{\n  \"EventHandle\": \"h\",\r\n  \"EventType\": \"X\",\n  \"a\": [1, 2.0]\n}\n", `{"EventType":"X","a":[1,2.0]}`},
		{"odd element", `5`, `5`},
		{"not JSON", "{\"a\":\nb", `{"a": b`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var buf bytes.Buffer
			raw := []byte(test.raw)
			e := events.Event{Raw: raw[:len(raw):len(raw)]}
			if err := newStdout(t, &buf, sink.StdoutJSON).Handle(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want+"\n", buf.String()); diff != "" {
				t.Error(diff)
			}
			if string(raw) != test.raw {
				t.Errorf("the event was modified: %s", raw)
			}
		})
	}
}

// Events of one batch share memory: writing behind one would overwrite the next.
func TestStdoutJSONLeavesNeighboursAlone(t *testing.T) {
	batch := []byte(`5,6`)
	if err := newStdout(t, io.Discard, sink.StdoutJSON).Handle(t.Context(), events.Event{Raw: batch[:1]}); err != nil {
		t.Fatal(err)
	}
	if string(batch) != `5,6` {
		t.Errorf("batch is now %q", batch)
	}
}

// A strictWriter fails the test if two Writes overlap or one is not whole lines.
type strictWriter struct {
	t    *testing.T
	busy atomic.Bool
	bytes.Buffer
	writes int
}

func (w *strictWriter) Write(p []byte) (int, error) {
	if !w.busy.CompareAndSwap(false, true) {
		w.t.Error("two writes at once")
	}
	defer w.busy.Store(false)
	runtime.Gosched()
	w.writes++
	return w.Buffer.Write(p)
}

func TestStdoutConcurrentEventsDoNotMix(t *testing.T) {
	for _, format := range []sink.StdoutFormat{sink.StdoutText, sink.StdoutJSON} {
		t.Run(string(format), func(t *testing.T) {
			w := &strictWriter{t: t}
			out := newStdout(t, w, format)
			e := event(procedureJSON)
			var alone bytes.Buffer
			if err := newStdout(t, &alone, format).Handle(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			const n = 200
			var group sync.WaitGroup
			for range n {
				group.Go(func() {
					if err := out.Handle(t.Context(), e); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if got, want := w.String(), strings.Repeat(alone.String(), n); got != want {
				t.Error("lines of different events are mixed")
			}
			if w.writes != n {
				t.Errorf("%d writes for %d events", w.writes, n)
			}
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// No event makes a write fail: the next one would have failed as well.
func TestStdoutThatCannotBeWrittenToIsUnreachable(t *testing.T) {
	full := errors.New("no space left")
	out := newStdout(t, writerFunc(func([]byte) (int, error) { return 0, full }), sink.StdoutText)
	if err := out.Handle(t.Context(), event(uploadJSON)); !errors.Is(err, full) || !unreachable(err) {
		t.Errorf("got %v, want %v, unreachable", err, full)
	}
	out = newStdout(t, writerFunc(func(p []byte) (int, error) { return len(p) - 1, nil }), sink.StdoutText)
	if err := out.Handle(t.Context(), event(uploadJSON)); !errors.Is(err, io.ErrShortWrite) || !unreachable(err) {
		t.Errorf("got %v, want %v, unreachable", err, io.ErrShortWrite)
	}
}

func TestStdoutWhoseReaderIsGoneIsUnreachable(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	if err := newStdout(t, w, sink.StdoutJSON).Handle(t.Context(), event(uploadJSON)); !errors.Is(err, syscall.EPIPE) || !unreachable(err) {
		t.Errorf("got %v, want %v, unreachable", err, syscall.EPIPE)
	}
}

func TestStdoutStartsANewLineAfterHalfALine(t *testing.T) {
	var buf bytes.Buffer
	accept := []int{0, 4, 0, 99, 99} // bytes of each write
	out := newStdout(t, writerFunc(func(p []byte) (int, error) {
		n := min(accept[0], len(p))
		accept = accept[1:]
		buf.Write(p[:n])
		if n < len(p) {
			return n, errors.New("no space left")
		}
		return n, nil
	}), sink.StdoutJSON)
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		out.Handle(t.Context(), event(`{"EventType":"X`+n+`"}`))
	}
	want := "{\"Ev\n" + `{"EventType":"X4"}` + "\n" + `{"EventType":"X5"}` + "\n"
	if diff := cmp.Diff(want, buf.String()); diff != "" {
		t.Error(diff)
	}
}

func TestStdoutWaitsForItsTurnAsLongAsContextLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		writes := 0
		out := newStdout(t, writerFunc(func(p []byte) (int, error) {
			<-release
			writes++
			return len(p), nil
		}), sink.StdoutText)
		first := make(chan error, 1)
		go func() { first <- out.Handle(t.Context(), event(uploadJSON)) }()
		synctest.Wait()

		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := out.Handle(ctx, event(uploadJSON)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("waited %v, want 3s", took)
		}
		close(release)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := out.Handle(ctx, event(uploadJSON)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an ended context: got %v, want %v", err, context.DeadlineExceeded)
		}
		if err := out.Handle(t.Context(), event(uploadJSON)); err != nil {
			t.Error(err)
		}
		if writes != 2 {
			t.Errorf("%d writes, want 2: the first event and the last", writes)
		}
	})
}

func TestNewStdoutRefusesWhatItCannotDo(t *testing.T) {
	if _, err := sink.NewStdout(nil, sink.StdoutOptions{}); err == nil {
		t.Error("no error without a writer")
	}
	_, err := sink.NewStdout(io.Discard, sink.StdoutOptions{Format: "yaml"})
	if want := "format: there is no such format; write text or json"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var none, text bytes.Buffer
	newStdout(t, &none, "").Handle(t.Context(), event(procedureJSON))
	newStdout(t, &text, sink.StdoutText).Handle(t.Context(), event(procedureJSON))
	if none.String() != text.String() {
		t.Error("no format is not text")
	}
}

func TestStdoutCloseLeavesTheWriterOpen(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if err := newStdout(t, w, sink.StdoutText).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("x"); err != nil {
		t.Errorf("after Close: %v", err)
	}
}
