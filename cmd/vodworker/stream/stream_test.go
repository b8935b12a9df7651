package stream

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Check(m)) }

// A reader is the other end of a stream.
type reader struct {
	bytes.Buffer
	still  bool // it reads a line for each of the next, and all of them when that is closed
	next   chan struct{}
	pause  time.Duration
	fails  []error // of the next writes
	takes  int     // bytes of a write that fails
	writes int
}

func (r *reader) Write(line []byte) (int, error) {
	if r.still {
		<-r.next
	}
	time.Sleep(r.pause)
	r.writes++
	if len(r.fails) > 0 {
		err := r.fails[0]
		r.fails = r.fails[1:]
		n, _ := r.Buffer.Write(line[:min(r.takes, len(line))])
		return n, err
	}
	return r.Buffer.Write(line)
}

// readAll reads what is there, and from now on what comes.
func (r *reader) readAll() {
	close(r.next)
	synctest.Wait()
	r.still = false
}

func said(dropped, lost int) []byte { return fmt.Appendf(nil, "%d dropped, %d lost\n", dropped, lost) }

// in runs a test in a bubble.
func in(t *testing.T, r *reader, test func(w *Writer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r.next = make(chan struct{})
		w := New(r, said)
		test(w)
		if r.still {
			close(r.next)
		}
		_ = w.Close()
		<-w.ended
	})
}

func TestWhoWritesNeverWaitsAndIsToldNoError(t *testing.T) {
	line := []byte(strings.Repeat("x", 1000) + "\n")
	for name, r := range map[string]*reader{
		"nobody reads":                 {still: true},
		"every write ends in an error": {fails: slices.Repeat([]error{syscall.EPIPE}, 1000)},
	} {
		in(t, r, func(w *Writer) {
			begin := time.Now()
			for range 10000 {
				if n, err := w.Write(line); n != len(line) || err != nil {
					t.Fatalf("%s: wrote %d, %v", name, n, err)
				}
			}
			if took := time.Since(begin); took != 0 {
				t.Errorf("%s: it took %v", name, took)
			}
			if w.size > room {
				t.Errorf("%s: %d bytes are kept", name, w.size)
			}
		})
	}
}

func TestWhatIsDroppedIsCountedAndSaidWhereItIsMissing(t *testing.T) {
	r := &reader{still: true}
	in(t, r, func(w *Writer) {
		size := len(fmt.Sprintf("%063d\n", 0))
		fit := room / size
		for i := range fit + 10 {
			fmt.Fprintf(w, "%063d\n", i)
		}
		r.next <- struct{}{}
		synctest.Wait()
		fmt.Fprintf(w, "%063d\n", fit+10) // there is room for one, but then each second line would say that one is missing
		for range fit/2 - 1 {
			r.next <- struct{}{}
		}
		synctest.Wait()
		fmt.Fprintf(w, "%063d\n", fit+11)
		r.readAll()
		lines := strings.Split(strings.TrimSpace(r.String()), "\n")
		want := []string{fmt.Sprintf("%063d", fit-1), "11 dropped, 0 lost", fmt.Sprintf("%063d", fit+11)}
		if got := lines[len(lines)-3:]; len(lines) != fit+2 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d lines, the last ones %q, want %d and %q", len(lines), got, fit+2, want)
		}
	})
}

// One that is larger than all the room can't be kept, and is said at once.
func TestALineThatIsTooLargeHoldsUpNoOther(t *testing.T) {
	r := &reader{}
	in(t, r, func(w *Writer) {
		_, _ = w.Write(make([]byte, room+1))
		fmt.Fprintln(w, "next")
		synctest.Wait()
		if got := r.String(); got != "1 dropped, 0 lost\nnext\n" {
			t.Errorf("%q", got)
		}
	})
}

func TestKeptLinesHaveRoomOfTheirOwnAndAreCountedApart(t *testing.T) {
	r := &reader{still: true}
	in(t, r, func(w *Writer) {
		filler := bytes.Repeat([]byte("x"), 1<<20)
		for range 100 {
			_, _ = w.Write(filler)
		}
		for i := range 100 {
			_, _ = w.Kept().Write(fmt.Appendf(nil, "%s%d\n", filler[:1<<20-10], i))
		}
		r.readAll()
		got := r.String()
		kept := strings.Count(got, "\n") - 1
		if kept < reserve>>20 || kept == 100 || !strings.Contains(got, fmt.Sprintf("x%d\n", kept-1)) {
			t.Errorf("%d lines are kept", kept)
		}
		if want := fmt.Sprintf("%d dropped, %d lost\n", 96+100-kept, 100-kept); !strings.HasSuffix(got, want) {
			t.Errorf("it says %q, want %q", got[max(0, len(got)-50):], want)
		}
	})
}

// A terminal that somebody else has made non-blocking, a disk that is full for a while.
func TestAnErrorIsTriedAgainWithTheRestOfTheLine(t *testing.T) {
	for _, err := range []error{syscall.EAGAIN, syscall.ENOSPC, syscall.EPIPE, errors.New("other")} {
		r := &reader{takes: 3, fails: []error{err, err}}
		in(t, r, func(w *Writer) {
			begin := time.Now()
			fmt.Fprintln(w, "first line")
			fmt.Fprintln(w, "second line")
			if !w.Flush(time.Second, time.Minute) {
				t.Error("it gave up")
			}
			if got := r.String(); got != "first line\nsecond line\n" {
				t.Errorf("%v: wrote %q", err, got)
			}
			if took := time.Since(begin); took != 2*retry {
				t.Errorf("%v: it took %v", err, took)
			}
		})
	}
}

func TestFlushWaitsAsLongAsLinesAreTaken(t *testing.T) {
	for _, test := range []struct {
		name        string
		pause, took time.Duration // of each of ten lines
		flushed     bool
	}{
		{"a slow reader", 300 * time.Millisecond, 3 * time.Second, true},
		{"a very slow one", 500 * time.Millisecond, 4 * time.Second, false},
		{"none", time.Hour, time.Second, false},
	} {
		r := &reader{pause: test.pause}
		in(t, r, func(w *Writer) {
			for range 10 {
				fmt.Fprintln(w, "line")
			}
			begin := time.Now()
			if flushed := w.Flush(patience, longest); flushed != test.flushed || time.Since(begin) != test.took {
				t.Errorf("%s: %v after %v, want %v after %v", test.name, flushed, time.Since(begin), test.flushed, test.took)
			}
		})
	}
}

func TestCloseEndsWhatCanNotBeWritten(t *testing.T) {
	r := &reader{fails: slices.Repeat([]error{syscall.EPIPE}, 1000)}
	synctest.Test(t, func(t *testing.T) {
		w := New(r, said)
		fmt.Fprintln(w, "line")
		begin := time.Now()
		_ = w.Close()
		if took := time.Since(begin); took != patience {
			t.Errorf("it took %v", took)
		}
		<-w.ended
		fmt.Fprintln(w, "later") // such as a library's, which knows nothing of an end
	})
}
