package faults

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"
)

// A run is one post of an event.
type run struct {
	file    string
	process string
	begun   time.Time
	ended   time.Time // it was answered; zero: it was not, or not yet
	status  int
	left    bool // by who posted it
}

// A receiver takes posts to /PROCESS.
type receiver struct {
	answer func(ctx context.Context, r run) (status int) // 0: nobody waits for it any more

	mu   sync.Mutex
	runs []*run
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var body struct {
		FileUploadEvent struct {
			FileID string `json:"FileId"`
		}
	}
	if json.NewDecoder(req.Body).Decode(&body) != nil {
		return // it was killed while it posted
	}
	r := &run{file: body.FileUploadEvent.FileID, process: path.Base(req.URL.Path), begun: time.Now()}
	c.mu.Lock()
	c.runs = append(c.runs, r)
	c.mu.Unlock()
	status := c.answer(req.Context(), *r)
	c.mu.Lock()
	if r.left = status == 0 || req.Context().Err() != nil; !r.left {
		r.ended, r.status = time.Now(), status
	}
	c.mu.Unlock()
	if r.left {
		return
	}
	w.WriteHeader(status)
}

// byFile returns the runs of each event, in their order.
func (c *receiver) byFile() map[string][]run {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string][]run{}
	for _, r := range c.runs {
		all[r.file] = append(all[r.file], *r)
	}
	return all
}

// count counts runs.
func (c *receiver) count(is func(run) bool) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.runs {
		if is(*r) {
			n++
		}
	}
	return n
}

// has returns a function that reports whether there were so many runs.
func (c *receiver) has(runs int) func() bool {
	return func() bool { return c.count(func(run) bool { return true }) == runs }
}

func succeeded(r run) bool { return r.status == http.StatusOK }

func handled(runs []run) bool { return slices.ContainsFunc(runs, succeeded) }

// after waits, and reports whether somebody still waits for the answer.
func after(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
