package faults

import (
	"context"
	"encoding/json"
	"time"

	"github.com/vodworker/vodworker/worker/inbox"
)

// upload has events arrive.
func (s *stage) upload(n int) {
	for range n {
		s.mu.Lock()
		s.sent = append(s.sent, s.emulator.Upload(0, "a.mp4"))
		s.mu.Unlock()
	}
}

// produce has so many events arrive, over so long.
func (s *stage) produce(ctx context.Context, n int, over time.Duration) {
	const each = 20 * time.Millisecond
	for sent, share := 0, max(1, n*int(each)/int(over)); sent < n && after(ctx, each); sent += share {
		s.upload(min(share, n-sent))
	}
}

// files returns those of all events so far.
func (s *stage) files() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent[:len(s.sent):len(s.sent)]
}

// confirmed returns the files whose events VOD has forgotten.
func (s *stage) confirmed() (files []string) {
	sent, queued := s.files(), map[string]bool{}
	for _, item := range s.emulator.Queued(0) {
		var e struct {
			FileUploadEvent struct {
				FileID string `json:"FileId"`
			}
		}
		if err := json.Unmarshal(item.Content, &e); err != nil {
			s.t.Error(err)
		}
		queued[e.FileUploadEvent.FileID] = true
	}
	for _, file := range sent {
		if !queued[file] {
			files = append(files, file)
		}
	}
	return files
}

// confirmedIsStored looks whether what is confirmed is in the inbox.
func (s *stage) confirmedIsStored() {
	s.t.Helper()
	confirmed := s.confirmed()
	if len(confirmed) == 0 {
		return // there may be no inbox yet
	}
	stored := s.stored()
	for _, file := range confirmed {
		if _, is := stored[file]; !is {
			s.t.Errorf("%s is confirmed, and is not stored", file)
		}
	}
}

// stored returns what is in the inbox, by its file.
func (s *stage) stored() map[string]inbox.Job {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	contents, err := inbox.Look(ctx, s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = contents.Close() }()
	all := map[string]inbox.Job{}
	for _, state := range []inbox.State{"", inbox.Done} { // in this order: one that ends in between is found twice
		jobs, err := contents.List(ctx, state, "", 1_000_000)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, j := range jobs {
			all[j.File] = j
		}
	}
	return all
}

// allDone reports whether so many events are done, in the inbox.
func (s *stage) allDone(n int) bool {
	done := 0
	for _, j := range s.stored() {
		if j.State == inbox.Done {
			done++
		}
	}
	return done == n
}

// wantTwoRuns waits until all events are done, and sees that each was run by two replicas, and no more.
func (s *stage) wantTwoRuns(c *receiver, events int) {
	s.t.Helper()
	eventually(s.t, 10*time.Second, "all is done", func() bool { return s.allDone(events) })
	time.Sleep(2 * time.Second) // for what might run once more
	for file, runs := range c.byFile() {
		if job := s.stored()[file]; len(runs) != 2 || job.State != inbox.Done || job.Runs != 2 {
			s.t.Errorf("%s is %s after %d runs: %+v", file, job.State, job.Runs, runs)
		}
	}
}
