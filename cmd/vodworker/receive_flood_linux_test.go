package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
)

const (
	floodKey    = "abcDEF123"
	floodConns  = 200
	floodRounds = 3 // of attacks on each connection

	// The pauses between two attacks on a connection, and between two honest callbacks, leave some of the processor to
	// other tests. Without them it is all the same, and takes minutes.
	floodPause  = time.Second
	honestPause = 25 * time.Millisecond

	// floodMemory is what the process may take. It needs a tenth when nobody floods it; without bounds, what these
	// strangers send would be gigabytes.
	floodMemory = 200 << 20
)

// Strangers who send slowly, too much, no JSON, what is not signed and what was signed long ago, all the time on 200
// connections: memory stays bounded, each honest callback is answered, and nothing of theirs reaches a handler.
func TestAFloodHarmsNoHonestCallback(t *testing.T) {
	var mu sync.Mutex
	handled := map[string]int{}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e, _ := events.Decode(body)
		mu.Lock()
		defer mu.Unlock()
		handled[e.FileID()]++
	}))
	defer hook.Close()
	p := startReceiver(t, hook.URL, 0)

	ctx, cancel := context.WithCancel(t.Context())
	var strangers, begun sync.WaitGroup
	var attacks [len(floods)]atomic.Int64
	for i := range floodConns {
		begun.Add(1)
		strangers.Go(func() {
			kind := i % len(floods)
			first := sync.OnceFunc(begun.Done)
			for ctx.Err() == nil {
				flood(ctx, p.address, floods[kind], first)
				attacks[kind].Add(1)
				passes(ctx, floodPause)
			}
			first()
		})
	}
	begun.Wait() // each has sent something

	honest, tries := 0, 0
	for !floodedEnough(&attacks) {
		honest++
		tries += postHonestly(t, p.address, fmt.Sprint("honest-", honest))
		passes(ctx, honestPause)
	}
	peak := p.peak(t)
	cancel()
	strangers.Wait()
	var counts []int64
	for i := range attacks {
		counts = append(counts, attacks[i].Load())
	}
	t.Logf("%d tries for %d honest events; attacks by kind: %v; peak %d MiB", tries, honest, counts, peak>>20)
	if peak > floodMemory && !underRaceDetector() {
		t.Errorf("it took %d MiB", peak>>20)
	}
	mu.Lock()
	defer mu.Unlock()
	wantEqual(t, "events that reached the handler", len(handled), honest)
	for file := range handled {
		if !strings.HasPrefix(file, "honest-") {
			t.Errorf("a stranger's event reached it: %q", file)
		}
	}
	p.stop(t, honest)
}

// floodedEnough reports whether each connection was attacked often enough; those of the slow once, until they were cut off.
func floodedEnough(attacks *[len(floods)]atomic.Int64) bool {
	for kind := range attacks {
		rounds := floodRounds
		if floods[kind].slow {
			rounds = 1
		}
		if attacks[kind].Load() < int64(rounds*floodConns/len(floods)) {
			return false
		}
	}
	return true
}

// A stranger writes head, and then body over and over until the answer comes, or none.
type stranger struct {
	head, body string
	slow       bool // one byte, and then nothing
}

var floods = [...]stranger{
	{head: post(1 << 20), body: "{", slow: true},
	{head: post(100 << 20), body: strings.Repeat("x", 64<<10)},
	{head: "POST / HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n", body: "10000\r\n" + strings.Repeat("x", 64<<10) + "\r\n"},
	whole(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"evil"}`),
	whole(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"evil"}}`),
	whole(signedUpload("evil", "other", 5*time.Minute)),
	whole(signedUpload("evil", floodKey, -time.Hour)),
	whole(signedUpload("evil", floodKey, time.Hour)),
}

func post(length int) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: r\r\nContent-Length: %d\r\n\r\n", length)
}

func whole(body string) stranger { return stranger{head: post(len(body)) + body} }

func signedUpload(file, key string, good time.Duration) string {
	t := strconv.FormatInt(time.Now().Add(good).Unix(), 10)
	sum := md5.Sum([]byte(key + t))
	return fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":%q},"Sign":%q,"T":%s}`, file, hex.EncodeToString(sum[:]), t)
}

// flood attacks on one connection until the server has had enough of it.
func flood(ctx context.Context, address string, s stranger, sent func()) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(conn, s.head); err != nil {
		return
	}
	sent()
	if s.body != "" {
		go func() {
			for {
				if _, err := io.WriteString(conn, s.body); err != nil || s.slow {
					return
				}
			}
		}()
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(bufio.NewReader(conn), 64)) // an answer has more than that
}

// postHonestly posts a signed event as VOD does, and returns how many tries it took to be answered.
func postHonestly(t *testing.T, address, file string) (tries int) {
	t.Helper()
	return postSigned(t, address, signedUpload(file, floodKey, 10*time.Minute))
}

func postSigned(t *testing.T, address, body string) (tries int) {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for tries = 1; tries <= 10; tries++ {
		response, err := client.Post("http://"+address+"/", "application/json", strings.NewReader(body))
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%.100s: status %d", body, response.StatusCode)
		}
		return tries
	}
	t.Errorf("%.100s was not answered", body)
	return tries
}

// A receiving is a vodworker receive.
type receiving struct {
	cmd     *exec.Cmd
	address string
	log     bytes.Buffer  // once it has ended
	ended   chan struct{} // when log was read to its end
}

// startReceiver starts one that may open so many files; 0: as many as we.
func startReceiver(t *testing.T, hook string, files int) *receiving {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.yaml")
	text := fmt.Sprintf(`
callback: {listen: "127.0.0.1:0", sign_key: %s}
handlers: [{name: backend, webhook: {url: %q}}]
`, floodKey, hook)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &receiving{cmd: exec.Command("vodworker", "receive", "--config", config), ended: make(chan struct{})}
	if files > 0 {
		p.cmd = exec.Command("sh", "-c", fmt.Sprintf("ulimit -n %d && exec vodworker receive --config %q", files, config))
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	from := bufio.NewReader(stderr)
	line, err := from.ReadBytes('\n')
	var first struct{ Listen string }
	if err != nil || json.Unmarshal(line, &first) != nil || first.Listen == "" {
		t.Fatalf("it said %q, %v", line, err)
	}
	p.address = first.Listen
	go func() {
		defer close(p.ended)
		_, _ = io.Copy(&p.log, from)
	}()
	return p
}

// peak returns the most memory that the process has taken.
func (p *receiving) peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); fields[0] == "VmHWM:" {
			kb, _ := strconv.Atoi(fields[1])
			return kb << 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}

// stop ends it as a supervisor would, and looks at what it says at the end.
func (p *receiving) stop(t *testing.T, honest int) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, p.log.Bytes())
	}
	lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
	last := lines[len(lines)-1]
	t.Log(last)
	var counts struct{ Handled, Forbidden, Invalid, Broken, Lost, Overloaded, Unfinished int }
	if err := json.Unmarshal([]byte(last), &counts); err != nil {
		t.Fatal(err)
	}
	if counts.Handled != honest || counts.Forbidden == 0 || counts.Invalid == 0 || counts.Broken == 0 || counts.Lost+counts.Overloaded+counts.Unfinished > 0 {
		t.Error("not what happened")
	}
	if strings.Contains(p.log.String(), floodKey) || len(lines) > 5000 {
		t.Errorf("%d lines of log, or the key in them", len(lines))
	}
}
