package brokertest

import (
	"bytes"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Process is a server in a process of its own. What it is asked to do is done when the method returns; a failure ends the test.
type Process struct {
	t       testing.TB
	command func() *exec.Cmd
	ready   func() error

	mu      sync.Mutex
	running *exec.Cmd     // nil while it is stopped
	ended   chan struct{} // closed when running has ended
	said    *said
}

// Start runs a server, and waits until it is ready: until that function fails no more. The server and what it has started end with
// the test.
func Start(t testing.TB, ready func() error, command func() *exec.Cmd) *Process {
	t.Helper()
	p := &Process{t: t, command: command, ready: ready}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.running != nil {
			p.signal(kill) // even if it is frozen
			<-p.ended
		}
		if t.Failed() && p.said != nil {
			t.Logf("the server said:\n%s", p.said)
		}
	})
	p.Start()
	return p
}

// Start runs the server again, after Stop or Kill.
func (p *Process) Start() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	server, ended := p.command(), make(chan struct{})
	p.said = &said{}
	server.Stdout, server.Stderr = p.said, p.said
	server.SysProcAttr = ofItsOwn()
	server.WaitDelay = time.Second // for daemons that it has started, and that hold on to its output
	if err := server.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.running, p.ended = server, ended
	go func() {
		defer close(ended)
		_ = server.Wait() // by a signal, or by itself
	}()
	p.wait()
}

// readyTime is how long a server may take to start. RabbitMQ's needs some 10 s.
const readyTime = 2 * time.Minute

func (p *Process) wait() {
	p.t.Helper()
	deadline, tick := time.After(readyTime), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		err := p.ready()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-p.ended:
			p.t.Fatalf("%s has ended, and was not ready: %v\n%s", p.running.Path, err, p.said)
		case <-deadline:
			p.t.Fatalf("%s is not ready: %v\n%s", p.running.Path, err, p.said)
		}
	}
}

// Stop asks the server to end, and waits for it.
func (p *Process) Stop() { p.end(terminate) }

// Kill ends the server at once.
func (p *Process) Kill() { p.end(kill) }

// Freeze has the server stand still: connections stay, and nothing answers. A signal takes effect a little later than it is sent.
func (p *Process) Freeze() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signal(freeze)
	deadline, tick := time.After(readyTime), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !standsStill(p.running.Process) {
		select {
		case <-tick.C:
		case <-p.ended:
			return
		case <-deadline:
			p.t.Fatalf("%s does not stand still", p.running.Path)
		}
	}
}

// Thaw has it go on.
func (p *Process) Thaw() { p.mu.Lock(); defer p.mu.Unlock(); p.signal(thaw) }

func (p *Process) end(how syscall.Signal) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signal(how)
	<-p.ended
	p.running = nil
}

func (p *Process) signal(what syscall.Signal) {
	p.t.Helper()
	if err := signal(p.running.Process, what); err != nil {
		p.t.Errorf("%s to %q: %v", what, p.running.Path, err)
	}
}

// said keeps what a server says.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
