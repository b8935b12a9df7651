//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

const (
	fileLives  = 6 // of each replica
	fileWindow = 4 * time.Second
)

const fileConfig = `
vod: {endpoint: "${ENDPOINT}", window: 4s}
handlers: [{name: archive, file: {path: "${EVENTS}"}}]
`

// Two replicas append to one file, which is renamed, compressed at once and removed, again and again, while they are killed
// by kill -9, and half a line is left behind each time. Of each event that is confirmed the line is there, in the file or in
// what was rotated away, and every line is whole.
func TestAFileLosesNothingByKillsAndRotation(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	a := newArchive(t)
	ctx, stop := context.WithCancel(t.Context())
	var replicas, rotator sync.WaitGroup
	for i := range 2 {
		replicas.Go(func() { a.live(newDice(seed, uint64(i))) })
	}
	rotator.Go(func() {
		for dice := newDice(seed, 2); passes(ctx, dice.between(0, 30*time.Millisecond)); {
			a.rotate()
		}
	})
	replicas.Wait()
	stop()
	rotator.Wait()
	a.rotate()
	a.audit()
	wantEqual(t, "events that are still queued", len(a.emulator.Queued(0)), 0)
	t.Logf("%d events, %d lines in %d files, of which %d ended with half a line when they were compressed",
		a.sent, a.lines, a.rotations, a.halves)
	if a.rotations < 10 {
		t.Error("it was hardly ever rotated")
	}
}

// An archive is the file, all that was rotated away, and the queue from which the events came.
type archive struct {
	t        *testing.T
	emulator *vodtest.Emulator
	path     string
	command  func() *exec.Cmd

	mu                       sync.Mutex
	sent                     int
	found                    map[string]bool // FileIds in what was rotated away
	lines, rotations, halves int

	killed atomic.Int32 // replicas that will be killed no more
}

func newArchive(t *testing.T) *archive {
	dir := t.TempDir()
	a := &archive{t: t, path: filepath.Join(dir, "events.jsonl"), found: map[string]bool{}}
	a.emulator = vodtest.New(vodtest.Config{Window: fileWindow})
	server := httptest.NewServer(a.emulator)
	t.Cleanup(server.Close)
	t.Cleanup(a.emulator.Close)
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(fileConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	a.command = func() *exec.Cmd {
		cmd := exec.Command("vodworker", "run", "--config", config) // TestMain has put it on the PATH
		cmd.Env = append(os.Environ(), "ENDPOINT="+server.URL, "EVENTS="+a.path,
			"TENCENTCLOUD_SECRET_ID="+vodtest.DefaultSecretID, "TENCENTCLOUD_SECRET_KEY="+vodtest.DefaultSecretKey)
		cmd.Stderr = &bytes.Buffer{}
		return cmd
	}
	return a
}

// live runs a replica that is killed and started again, and ended by SIGTERM when the queue is empty.
func (a *archive) live(dice *dice) {
	for life := 1; life <= fileLives; life++ {
		confirmed := a.emulator.Stats(0).Confirmed
		a.send(300)
		cmd := a.command()
		if err := cmd.Start(); err != nil {
			a.t.Error(err)
			return
		}
		last := life == fileLives
		if last {
			a.killed.Add(1)
			a.await(func() bool { return a.killed.Load() == 2 && len(a.emulator.Queued(0)) == 0 })
			_ = cmd.Process.Signal(syscall.SIGTERM)
		} else {
			most := confirmed + 1 + int(200*dice.float())
			a.await(func() bool { return a.emulator.Stats(0).Confirmed >= most })
			_ = cmd.Process.Kill()
		}
		err := cmd.Wait()
		if cmd.ProcessState.Exited() && (!last || err != nil) {
			a.t.Errorf("it ended by itself: %v\n%s", err, cmd.Stderr)
			return
		}
		if !last {
			a.leaveHalf()
		}
		a.audit()
	}
}

func (a *archive) send(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range n {
		a.sent++
		content := fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d","Pad":%q}}`, a.sent, strings.Repeat("x", a.sent%5000))
		if err := a.emulator.Send(0, []byte(content)); err != nil {
			a.t.Error(err)
		}
	}
}

func (a *archive) await(done func() bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); !done(); <-tick.C {
		if time.Now().After(end) {
			a.t.Errorf("still waiting after 2 minutes: %+v", a.emulator.Stats(0))
			return
		}
	}
}

// leaveHalf leaves what a process that is killed while it writes may leave. It has the lock then, and the kernel gives it back.
func (a *archive) leaveHalf() {
	a.mu.Lock() // against being rotated
	defer a.mu.Unlock()
	file, err := os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		a.t.Error(err)
		return
	}
	defer file.Close()
	for {
		if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		_, err = file.WriteString(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"ha`)
	}
	if err != nil {
		a.t.Error(err)
	}
}

// rotate does what logrotate does with compress and nocreate.
func (a *archive) rotate() {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.path + ".1"
	if err := os.Rename(a.path, old); err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			a.t.Error(err)
		}
		return
	}
	a.rotations++
	lines := a.read(old, a.found)
	a.lines += lines
	if err := os.Remove(old); err != nil {
		a.t.Error(err)
	}
}

// read checks that each line of a file is an event, notes their FileIds, and returns how many lines there are. Half a line may
// only stand at the end: one that is being written, or that was left behind and is not mended yet. The lock must be held.
func (a *archive) read(path string, found map[string]bool) (lines int) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		a.t.Error(err)
	}
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			a.halves++
			continue
		}
		var event struct{ FileUploadEvent struct{ FileId string } }
		if err := json.Unmarshal(line, &event); err != nil || event.FileUploadEvent.FileId == "" {
			a.t.Errorf("a line is no event: %v in %q", err, line)
		}
		found[event.FileUploadEvent.FileId] = true
		lines++
	}
	return lines
}

// audit checks that the line of each confirmed event is there.
func (a *archive) audit() {
	a.mu.Lock()
	defer a.mu.Unlock()
	queued := map[string]bool{}
	for _, item := range a.emulator.Queued(0) { // before the file is read: what is confirmed later need not be in it yet
		queued[fileIDOf(item.Content)] = true
	}
	halves, current := a.halves, map[string]bool{}
	a.read(a.path, current)
	a.halves = halves
	for n := range a.sent {
		if id := fmt.Sprint(n + 1); !queued[id] && !a.found[id] && !current[id] {
			a.t.Errorf("event %s is confirmed, but its line is nowhere", id)
		}
	}
}

func fileIDOf(content []byte) string {
	var event struct{ FileUploadEvent struct{ FileId string } }
	_ = json.Unmarshal(content, &event)
	return event.FileUploadEvent.FileId
}
