package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

const config = `
vod: {endpoint: "${ENDPOINT}", region: "${PROCESS}"}
worker: {concurrency: 16}
confirm: {linger: 1ms}
handlers:
  - {name: hook, retry: {tries: 1}, webhook: {url: "${HOOK}/${PROCESS}"}}
inbox: {url: "${INBOX}"}
log: {format: json}
`

// A stage is what processes play on.
type stage struct {
	t        *testing.T
	emulator *vodtest.Emulator
	receiver *receiver
	folder   string
	url      string // of the inbox
	env      []string
	started  int

	mu   sync.Mutex
	sent []string // files
}

func newStage(t *testing.T, url string, c *receiver, observe func(vodtest.Call)) *stage {
	s := &stage{t: t, receiver: c, folder: t.TempDir(), url: url}
	s.emulator = vodtest.New(vodtest.Config{Observe: observe})
	api, hook := httptest.NewServer(s.emulator), httptest.NewServer(c)
	t.Cleanup(func() {
		s.emulator.Close()
		api.Close()
		hook.CloseClientConnections()
		hook.Close()
	})
	if err := os.WriteFile(filepath.Join(s.folder, "config.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append(os.Environ(), "ENDPOINT="+api.URL, "HOOK="+hook.URL, "INBOX="+url,
		"TENCENTCLOUD_SECRET_ID="+vodtest.DefaultSecretID, "TENCENTCLOUD_SECRET_KEY="+vodtest.DefaultSecretKey)
	return s
}

// A process is one vodworker.
type process struct {
	name   string
	cmd    *exec.Cmd
	admin  string
	log    string // its file
	killed time.Time
	over   chan struct{} // closed when it has ended
}

func (s *stage) start(env ...string) *process {
	s.t.Helper()
	s.started++
	p := &process{name: fmt.Sprint("p", s.started), admin: freeAddress(s.t), over: make(chan struct{})}
	p.log = filepath.Join(s.folder, p.name+".log")
	log, err := os.Create(p.log)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	program, err := filepath.Abs(*binary)
	if err != nil {
		s.t.Fatal(err)
	}
	p.cmd = exec.Command(program, "run")
	p.cmd.Dir, p.cmd.Stderr = s.folder, log
	p.cmd.Env = slices.Concat(s.env, []string{"PROCESS=" + p.name, "VODWORKER_ADMIN_LISTEN=" + p.admin}, env)
	if err := p.cmd.Start(); err != nil {
		s.t.Fatalf("%v: make build builds it", err)
	}
	go func() { _ = p.cmd.Wait(); close(p.over) }()
	s.t.Cleanup(func() {
		p.signal(syscall.SIGCONT)
		p.kill()
		for _, bad := range []string{"DATA RACE", "panic: ", "fatal error: "} {
			if p.said(bad) > 0 {
				s.t.Errorf("%s: %s", p.name, bad)
			}
		}
		if s.t.Failed() {
			s.t.Logf("%s:\n%s", p.name, p.tail())
		}
	})
	return p
}

func (p *process) signal(of syscall.Signal) { _ = p.cmd.Process.Signal(of) }

func (p *process) kill() {
	if p.killed.IsZero() {
		p.killed = time.Now()
		p.signal(syscall.SIGKILL)
	}
	<-p.over
}

func (p *process) said(what string) int {
	text, _ := os.ReadFile(p.log)
	return strings.Count(string(text), what)
}

func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-4<<10):])
}

// ready asks /readyz.
func (p *process) ready() (is bool, why []string) {
	answer, err := http.Get("http://" + p.admin + "/readyz") //nolint:noctx // it is of this machine
	if err != nil {
		return false, []string{err.Error()}
	}
	defer func() { _ = answer.Body.Close() }()
	var said struct {
		OK      bool
		Reasons []string
	}
	text, _ := io.ReadAll(answer.Body)
	_ = json.Unmarshal(text, &said)
	return said.OK && answer.StatusCode == http.StatusOK, said.Reasons
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
