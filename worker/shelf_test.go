package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// A shelf is a Keeper. It sees to it that each event which it hands out is ended once.
type shelf struct {
	t       *testing.T
	room    int                                          // how many it hands out at once; 0: any number
	confirm func(ctx context.Context, file string) error // nil: succeeds
	forget  bool                                         // what is known of failures
	failed  func(file string) (known worker.Failures)    // what it knows at first; nil: nothing

	mu       sync.Mutex
	jobs     []*job
	out      map[string]*job // by handle
	pulls    int
	returned map[string][]worker.Returned // by file
	done     map[string]int               // confirms that succeeded, by file
}

type job struct {
	file  string
	run   int
	due   time.Time
	known worker.Failures
}

func newShelf(t *testing.T, files ...string) *shelf {
	s := &shelf{t: t, out: map[string]*job{}, returned: map[string][]worker.Returned{}, done: map[string]int{}}
	for _, file := range files {
		s.jobs = append(s.jobs, &job{file: file, due: time.Now()})
	}
	return s
}

func (s *shelf) Pull(ctx context.Context) (worker.Batch, error) {
	s.mu.Lock()
	s.pulls++
	s.mu.Unlock()
	for began := time.Now(); ; {
		if b := s.claim(); len(b.Events) > 0 || time.Since(began) >= 5*time.Second {
			return b, nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return worker.Batch{}, ctx.Err()
		}
	}
}

func (s *shelf) claim() (b worker.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.Failed = map[string]worker.Failures{}
	rest := s.jobs[:0:0]
	for _, j := range s.jobs {
		if len(b.Events) == worker.MaxBatch || s.room > 0 && len(s.out) == s.room || time.Until(j.due) > 0 {
			rest = append(rest, j)
			continue
		}
		if j.run == 0 && s.failed != nil {
			j.known = s.failed(j.file)
		}
		j.run++
		event := batch(j.file).Events[0]
		event.Handle = fmt.Sprint(j.file, ".", j.run)
		s.out[event.Handle] = j
		b.Events = append(b.Events, event)
		if j.known.Count > 0 && !s.forget {
			b.Failed[event.Handle] = j.known
		}
	}
	s.jobs = rest
	return b
}

func (s *shelf) Confirm(ctx context.Context, handles []string) error {
	for _, handle := range handles {
		file, _, _ := strings.Cut(handle, ".")
		if s.confirm != nil {
			if err := s.confirm(ctx, file); err != nil {
				return err
			}
		}
		s.end(handle)
		s.mu.Lock()
		s.done[file]++
		s.mu.Unlock()
	}
	return nil
}

func (s *shelf) Return(r worker.Returned) {
	j := s.end(r.Handle)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.returned[j.file] = append(s.returned[j.file], r)
	if !r.Done {
		j.known, j.due = r.Failed, time.Now().Add(r.Pause)
		s.jobs = append(s.jobs, j)
	}
}

func (s *shelf) end(handle string) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.out[handle]
	if j == nil {
		s.t.Errorf("%s is ended, and was not out", handle)
		return &job{}
	}
	delete(s.out, handle)
	return j
}

// of returns what was returned of a file.
func (s *shelf) of(file string) []worker.Returned {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.returned[file]
}

func (s *shelf) countReturns() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, all := range s.returned {
		n += len(all)
	}
	return n
}

func (s *shelf) countPulls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pulls
}

// wantEnded says that nothing is out, and how often a file was confirmed.
func (s *shelf) wantEnded(file string, confirms int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	wantEqual(s.t, "still out", len(s.out), 0)
	wantEqual(s.t, "confirms of "+file, s.done[file], confirms)
}

// named returns n files.
func named(n int) (files []string) {
	for i := range n {
		files = append(files, fmt.Sprint("file-", i))
	}
	return files
}
