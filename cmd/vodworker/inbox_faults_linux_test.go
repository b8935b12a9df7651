package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var inboxFaults = flag.Int("inbox.faults", 0, "run TestEventsOutliveADiskThatFails with each so-many-th of 200 calls: 1 is all")

const faultyConfig = `
vod: {endpoint: "${ENDPOINT}"}
worker: {concurrency: 4}
inbox: {url: "sqlite://${FOLDER}/inbox.db"}
handlers: [{name: backend, webhook: {url: "${HOOK}"}}]
log: {format: json}
`

// A call of the system fails, and mostly the process is killed soon after. Others follow, the second of which is killed, too.
// Whenever the power had failed, each event that was confirmed would have been on the disk; in the end all are handled.
func TestEventsOutliveADiskThatFails(t *testing.T) {
	if *inboxFaults <= 0 {
		t.Skip("it takes long: run it with make inbox")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("VODWORKER_STRACE") == "required" {
			t.Fatal("there is no strace: install it")
		}
		t.Skip("there is no strace, which makes calls of the system fail: install it")
	}
	var sum faultSum
	t.Run("each", func(t *testing.T) {
		// strace counts the calls of each thread for itself, and a thread has many writes, but few syncs.
		for fault, each := range map[string]int{"fsync:error=EIO": 5, "pwrite64:error=ENOSPC": 1} {
			for n := 1; n <= 200; n += *inboxFaults {
				t.Run(fmt.Sprint(fault, n), func(t *testing.T) { newFaultRun(t, &sum, n).run(fault, fmt.Sprint((n-1)/each+1)) })
			}
			for n := 5; n <= 80; n += 4 * *inboxFaults { // and all that follow
				t.Run(fmt.Sprint(fault, n, "+"), func(t *testing.T) { newFaultRun(t, &sum, n).run(fault, fmt.Sprint((n-1)/each+1, "+")) })
			}
		}
	})
	t.Log(&sum)
}

// A faultRun is one emulator, one receiver and one inbox, with several processes, one after the other.
type faultRun struct {
	*child
	sum     *faultSum
	dice    *rand.Rand
	drive   *drive
	env     []string
	files   []string      // of all events
	straced chan struct{} // closed when strace has ended

	seen map[string]int64 // of a log, without what is looked for there

	mu      sync.Mutex
	handled map[string]int // by file
}

var fileID = regexp.MustCompile(`"FileId":\s*"(\d+)"`)

func newFaultRun(t *testing.T, sum *faultSum, seed int) *faultRun {
	t.Parallel()
	r := &faultRun{
		child: newChild(t, faultyConfig, "run"), sum: sum, drive: newDrive(),
		seen: map[string]int64{}, handled: map[string]int{},
	}
	r.dice = rand.New(rand.NewPCG(uint64(seed), 1))
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.handled[fileID.FindStringSubmatch(string(body))[1]]++
	}))
	t.Cleanup(hook.Close)
	r.env = append(r.cmd.Env, "HOOK="+hook.URL, "FOLDER="+r.cmd.Dir)
	for range 300 {
		r.files = append(r.files, r.emulator.Upload(0, "a.mp4"))
	}
	return r
}

func (r *faultRun) run(fault, when string) {
	log := r.begins(fault + ":when=" + when)
	goesOn := r.dice.IntN(3) == 0 && !strings.HasSuffix(when, "+")
	r.until(func() bool { return r.allDone() || !goesOn && r.wrote(log, "(INJECTED)") })
	r.kills(log)
	r.sum.met(r.drive.fails)
	r.comesAgain()

	pulls := r.pulls()
	log = r.begins("")
	before, more := len(r.confirmed()), r.dice.IntN(100)
	r.until(func() bool { return r.pulls() > pulls && r.allDone() || len(r.confirmed()) > before+more })
	r.kills(log)
	r.comesAgain()

	r.command(exec.Command("vodworker", "run"))
	pulls = r.pulls()
	r.start()
	if !r.comes(func() bool { return r.allDone() && r.pulls() > pulls }) {
		r.t.Fatal("not all are handled 30 s after the last start:", r.undone())
	}
	r.signal()
	wantEqual(r.t, "exit code", r.code(), exitOK)
	r.looksAt(r.cmd.Dir, r.confirmed())
}

// begins starts a process of which strace writes what it does to files, and has calls fail.
func (r *faultRun) begins(fault string) (log string) {
	log = filepath.Join(r.t.TempDir(), "strace")
	args := []string{"-D", "-f", "--seccomp-bpf", "-q", "-y", "-xx", "-s", "200000", "-o", log,
		"-e", "trace=pwrite64,ftruncate,fsync,fdatasync,unlink", "-e", "signal=none"}
	if fault != "" {
		args = append(args, "-e", "inject="+fault)
	}
	r.command(exec.Command("strace", append(args, "vodworker", "run")...)) // -D: the process is ours, strace its child
	alive, held, err := os.Pipe()                                          // which strace has as long as it writes
	if err != nil {
		r.t.Fatal(err)
	}
	r.cmd.ExtraFiles, r.straced = []*os.File{held}, make(chan struct{})
	r.start()
	_ = held.Close()
	go func() {
		defer close(r.straced)
		_, _ = io.ReadAll(alive)
		_ = alive.Close()
	}()
	return log
}

func (r *faultRun) command(cmd *exec.Cmd) {
	cmd.Dir, cmd.Env, cmd.Stderr = r.cmd.Dir, r.env, &strings.Builder{}
	r.cmd, r.ended = cmd, make(chan error, 1)
}

// until waits until something is so, or the process has ended.
func (r *faultRun) until(so func() bool) {
	r.t.Helper()
	// An event that could not be stored may come again only after VOD's window: that is not waited for.
	end := time.Now().Add(10 * time.Second)
	r.await("fault", func() bool { return len(r.ended) > 0 || so() || time.Now().After(end) })
	time.Sleep(time.Duration(r.dice.IntN(100)) * time.Millisecond) // anywhere
}

// kills ends a process, and looks at what it would have left if the power had failed.
func (r *faultRun) kills(log string) {
	r.t.Helper()
	err := r.cmd.Process.Kill()
	r.code()
	r.sum.take(r.cmd.Stderr.(*strings.Builder).String(), err == nil)
	<-r.straced
	confirmed := r.confirmed()
	file, err := os.Open(log)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := r.drive.follow(file); err != nil {
		r.t.Fatal(err)
	}
	for range 3 {
		left := r.t.TempDir()
		if err := r.drive.save(left, r.dice); err != nil {
			r.t.Fatal(err)
		}
		r.looksAt(left, confirmed)
		r.sum.looked()
	}
}
