package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each event has its line in the log, of 48 KB: a NUL takes six bytes there.
const talkative = `
vod: {endpoint: "${ENDPOINT}"}
worker: {concurrency: 4}
handlers: [{name: talkative, exec: {command: [head, -c, "8000", /dev/zero]}}]
`

func TestALogThatNobodyReadsStopsNothing(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	_, blocked, _ := fullPipe(t)
	_, busy, _ := fullPipe(t)
	if err := syscall.SetNonblock(int(busy.Fd()), true); err != nil {
		t.Fatal(err)
	}
	gone, orphan, _ := fullPipe(t)
	_ = gone.Close()
	for name, stderr := range map[string]*os.File{
		"nobody reads": blocked, "nobody reads, and it does not block": busy, "the reader is gone": orphan, "the disk is full": full,
	} {
		t.Run(name, func(t *testing.T) {
			const events = 30
			p := newChild(t, talkative, "run")
			for range events {
				p.emulator.Upload(0, "a.mp4")
			}
			p.cmd.Stderr = stderr
			p.start()
			p.awaitConfirmed(events)
			p.signal()
			wantEqual(t, "exit code", p.code(), exitOK)
		})
	}
}

// What could not be written while nobody read is there when somebody does, up to the end.
func TestNoLineIsLostOfALogThatIsReadLate(t *testing.T) {
	t.Parallel()
	const events = 30
	p := newChild(t, `
vod: {endpoint: "${ENDPOINT}"}
worker: {unmatched: dead_letter}
dead_letters: {dir: dead}
handlers: [{name: other, events: [FileDeleted], stdout: {}}]
`, "run")
	for range events {
		p.emulator.Upload(0, "a.mp4")
	}
	log := p.runUnread(events)
	text, err := io.ReadAll(log)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "exit code", p.code(), exitOK)
	wantEqual(t, "lines of letters", bytes.Count(text, []byte(`"message":"event given up`)), events)
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); !strings.Contains(lines[len(lines)-1], `"message":"stopped"`) {
		t.Errorf("the last line is %s", lines[len(lines)-1])
	}
}

func TestLinesThatAreDroppedAreCountedInTheLog(t *testing.T) {
	t.Parallel()
	const events = 150 // 7.2 MB
	p := newChild(t, talkative, "run")
	for range events {
		p.emulator.Upload(0, "a.mp4")
	}
	log := p.runUnread(events)
	written, dropped := 0, 0
	for lines := json.NewDecoder(log); ; {
		var line struct {
			Message string
			Dropped int
		}
		if err := lines.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		dropped += line.Dropped
		written++
	}
	wantEqual(t, "exit code", p.code(), exitOK)
	// Besides those of the events: running, stopping, stopped, and that some were dropped, which is not counted. On a busy machine
	// what a program has printed may come too late for its line.
	if all := written + dropped; dropped < 30 || all > events+3+1 || all < events*9/10 {
		t.Errorf("%d lines are written and %d dropped of %d events", written, dropped, events)
	}
}

// runUnread has the process confirm its events and stop while nobody reads its log, and returns that.
func (p *child) runUnread(events int) (log io.Reader) {
	p.t.Helper()
	r, w, filled := fullPipe(p.t)
	p.cmd.Stderr = w
	p.start()
	p.awaitConfirmed(events)
	p.signal()
	_ = w.Close()
	if _, err := io.CopyN(io.Discard, r, int64(filled)); err != nil {
		p.t.Fatal(err)
	}
	text, err := io.ReadAll(r) // at once: at its end a program does not wait long for who reads its log
	if err != nil {
		p.t.Fatal(err)
	}
	return bytes.NewReader(text)
}

// Whatever the log does, and whatever the command was doing: waiting for a handler, or for the log at its end.
func TestASecondSignalEndsEveryCommandAtOnce(t *testing.T) {
	t.Parallel()
	const hanging = `
vod: {endpoint: "${ENDPOINT}"}
callback: {listen: "127.0.0.1:${PORT}"}
handlers: [{name: hanging, exec: {command: [sh, -c, "echo begun >ready; exec sleep 1000"]}}]
`
	tests := []struct {
		args    []string
		listens bool
		code    int // 0: any
	}{
		{args: []string{"run"}, code: exitUnexpected},
		{args: []string{"drain"}, code: exitUnexpected},
		{args: []string{"send", "event.json"}},
		{args: []string{"receive"}, listens: true},
		{args: []string{"emulate", "--listen", "127.0.0.1:PORT"}, listens: true},
		{args: []string{"demo"}},
	}
	for _, test := range tests {
		t.Run(test.args[0], func(t *testing.T) {
			t.Parallel()
			port, err := freePort()
			if err != nil {
				t.Fatal(err)
			}
			args := strings.Fields(strings.ReplaceAll(strings.Join(test.args, " "), "PORT", port))
			p := newChild(t, hanging, args...)
			p.cmd.Env = append(p.cmd.Env, "PORT="+port)
			p.emulator.Upload(0, "a.mp4")
			p.write("event.json", `{"EventType":"FileDeleted"}`)
			if test.args[0] == "demo" {
				p.cmd.Stdout = p.write("ready", "")
			}
			_, p.cmd.Stderr, _ = fullPipe(t)
			p.start()
			p.await("sign of life", func() bool {
				if test.listens {
					conn, err := net.Dial("tcp", "127.0.0.1:"+port)
					return err == nil && conn.Close() == nil
				}
				ready, err := os.Stat(filepath.Join(p.cmd.Dir, "ready"))
				return err == nil && ready.Size() > 0
			})
			p.signal()
			begin := time.Now()
			// What comes within 200 ms is the same signal, also if the first was taken late, on a busy machine.
			again := time.NewTicker(oneSignal + 50*time.Millisecond)
			defer again.Stop()
			for ended := false; !ended && time.Since(begin) < 2*time.Second; {
				select {
				case <-again.C:
					p.signal()
				case err := <-p.ended:
					p.ended <- err
					ended = true
				}
			}
			code := p.code()
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if test.code != 0 {
				wantEqual(t, "exit code", code, test.code)
			}
		})
	}
}
