package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// wrote reports whether strace has written something.
func (r *faultRun) wrote(log, what string) bool {
	file, err := os.Open(log)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(r.seen[log+what], io.SeekStart); err != nil {
		return false
	}
	text, err := io.ReadAll(file)
	if at := bytes.LastIndexByte(text, '\n'); err == nil && !bytes.Contains(text, []byte(what)) {
		r.seen[log+what] += int64(at + 1)
		return false
	}
	return err == nil
}

// confirmed are the files of the events that are confirmed.
func (r *faultRun) confirmed() (files []string) {
	queued := map[string]bool{}
	for _, item := range r.emulator.Queued(0) {
		queued[fileID.FindStringSubmatch(string(item.Content))[1]] = true
	}
	for _, file := range r.files {
		if !queued[file] {
			files = append(files, file)
		}
	}
	return files
}

func (r *faultRun) allDone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.handled) == len(r.files) && len(r.emulator.Queued(0)) == 0
}

func (r *faultRun) pulls() int { return r.emulator.Stats(0).Calls["PullEvents"] }

// comesAgain has VOD hand out anew what was not confirmed.
func (r *faultRun) comesAgain() {
	if err := r.emulator.Advance(r.t.Context(), 30*time.Second); err != nil {
		r.t.Fatal(err)
	}
}

// looksAt checks a database, in which events must be.
func (r *faultRun) looksAt(dir string, files []string) {
	r.t.Helper()
	path := filepath.Join(dir, "inbox.db")
	if _, err := os.Stat(path); err != nil && len(files) == 0 {
		return // it has not come so far
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=rw")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var found string
	if err := db.QueryRowContext(r.t.Context(), `pragma integrity_check`).Scan(&found); err != nil || found != "ok" {
		r.t.Fatalf("the database: %s, %v", found, err)
	}
	lost := 0
	for _, file := range files {
		var there int
		err := db.QueryRowContext(r.t.Context(), `select count(*) from vodworker_event where file = $1`, file).Scan(&there)
		if err != nil {
			r.t.Fatalf("%d events are confirmed: %v", len(files), err)
		}
		lost += 1 - there
	}
	if lost > 0 {
		r.t.Fatalf("%d of %d events that are confirmed are not in the database", lost, len(files))
	}
}

// undone ends the process, and says what it has left to do, and what it has said.
func (r *faultRun) undone() string {
	text := fmt.Sprintf("\nVOD: %+v", r.emulator.Stats(0))
	r.mu.Lock()
	text += fmt.Sprintf("\nhandled: %d of %d", len(r.handled), len(r.files))
	r.mu.Unlock()
	text += "\n" + r.jobs("while it runs")
	_ = r.cmd.Process.Kill()
	r.code()
	text += "\n" + r.jobs("killed")
	lines := strings.SplitAfter(r.cmd.Stderr.(*strings.Builder).String(), "\n")
	return text + "\n" + strings.Join(lines[max(0, len(lines)-40):], "")
}

// jobs are those that are not done.
func (r *faultRun) jobs(when string) string {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.cmd.Dir, "inbox.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = db.Close() }()
	var text sql.NullString
	err = db.QueryRowContext(r.t.Context(), `select group_concat(format('job %d: state %d, at %+d ms from now, run %d of %s, '||
		'%d starts, %d attempts, %d failures: %s', number, state, at - $1, run, owner, starts, attempts, failures, error), char(10))
		from vodworker_job where state <> 2`, time.Now().UnixMilli()).Scan(&text)
	return fmt.Sprintf("%s, not done: %v\n%s", when, err, text.String)
}

// A faultSum is what all runs have met.
type faultSum struct {
	mu                             sync.Mutex
	runs, hit, fails, kills, ended int
	looks                          int // at what would be left if the power had failed
	said                           map[string]int
}

func (s *faultSum) String() string {
	return fmt.Sprintf("%d runs; in %d of them faults, %d in all; %d killed, %d ended by themselves; looked at %d disks; said: %v",
		s.runs, s.hit, s.fails, s.kills, s.ended, s.looks, s.said)
}

func (s *faultSum) met(fails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.fails += fails
	if fails > 0 {
		s.hit++
	}
}

func (s *faultSum) looked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
}

// take counts a process, and what it has warned of.
func (s *faultSum) take(log string, killed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if killed {
		s.kills++
	} else {
		s.ended++
	}
	for line := range strings.Lines(log) {
		var l struct{ Level, Message, Error string }
		if json.Unmarshal([]byte(line), &l) != nil {
			l.Message = line
		}
		if l.Level != "info" {
			if s.said == nil {
				s.said = map[string]int{}
			}
			s.said[folders.ReplaceAllString(l.Message+": "+l.Error, "/…/")]++
		}
	}
}

var folders = regexp.MustCompile(`/tmp/\S*/`)
