package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// stopLimit is README's bound of a stop, and what two busy cores may add to it.
	stopLimit = soakStopGrace + 5*time.Second + time.Second

	logTail = 4 << 10 // of a process that ended badly
)

// A replica is one vodworker, started again whenever it was killed.
type replica struct {
	ledger  *ledger
	api     *soakAPI
	dice    *dice
	number  int
	started int
	config  string
	env     []string
}

// run kills its process again and again while the storm lasts, and lets the last one live until the rest is over.
func (r *replica) run(storm, rest context.Context) {
	for {
		p, err := r.start()
		if err != nil {
			r.ledger.complain(nil, "start a process: %v", err)
			return
		}
		life := time.NewTimer(r.life())
		select {
		case <-life.C:
			r.kill(p)
			continue
		case <-p.ended:
		case <-storm.Done():
			select {
			case <-rest.Done():
				r.terminate(p)
				return
			case <-p.ended:
			}
		}
		r.ledger.complain(nil, "%s ended by itself: %v\n%s", p.name, p.err, p.tail())
		return
	}
}

// life is mostly short; some are long enough for a process to use its attempts at an event up.
func (r *replica) life() time.Duration {
	if r.dice.chance(0.2) {
		return r.dice.between(2*soakWindow, 6*soakWindow)
	}
	return r.dice.between(0, 8*time.Second)
}

// A process is one run of vodworker.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   bytes.Buffer
	ended chan struct{}
	err   error // once it has ended
}

func (r *replica) start() (*process, error) {
	r.started++
	p := &process{name: fmt.Sprintf("r%d-%d", r.number, r.started), ended: make(chan struct{})}
	p.cmd = exec.Command("vodworker", "run", "--config", r.config) // TestMain has put it on the PATH
	p.cmd.Env = append(r.env[:len(r.env):len(r.env)], "PROCESS="+p.name)
	p.cmd.Stderr = &p.log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	r.ledger.count("processes", 1)
	go func() {
		defer close(p.ended)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// kill ends a process in one of the ways in which processes end.
func (r *replica) kill(p *process) {
	switch r.dice.pick(0.45, 0.40, 0.15) {
	case 0:
		r.ledger.count("kills by KILL", 1)
		r.signal(p, os.Kill)
	case 1:
		r.terminate(p)
		return
	default: // as an impatient supervisor does
		r.ledger.count("kills by TERM, then KILL", 1)
		r.signal(p, syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(r.dice.between(0, soakStopGrace)):
			r.signal(p, os.Kill)
		}
	}
	<-p.ended
	if p.cmd.ProcessState.ExitCode() > 0 { // -1 if a signal has ended it
		r.ledger.complain(nil, "%s ended by itself: %v\n%s", p.name, p.err, p.tail())
	}
	r.examine(p)
}

// terminate asks a process to end, and expects it to do so well and in time.
func (r *replica) terminate(p *process) {
	select {
	case <-r.api.firstCall(p.name): // before that it may not listen to signals yet
	case <-p.ended:
	}
	r.ledger.count("kills by TERM", 1)
	asked := time.Now()
	r.signal(p, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(2 * stopLimit):
		r.signal(p, syscall.SIGQUIT) // the log then shows what it was at
		<-p.ended
	}
	took := time.Since(asked)
	r.ledger.took("stop by TERM", took)
	if p.err != nil || took > stopLimit {
		r.ledger.complain(nil, "%s ended %v after SIGTERM, at most %v is allowed: %v\n%s", p.name, took, stopLimit, p.err, p.tail())
	}
	r.examine(p)
}

func (r *replica) signal(p *process, s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.ledger.complain(nil, "send %v to %s: %v", s, p.name, err)
	}
}

// examine looks for what no exit code tells of a process that was killed.
func (r *replica) examine(p *process) {
	for _, bad := range []string{"DATA RACE", "panic: ", "fatal error: "} {
		if strings.Contains(p.log.String(), bad) {
			r.ledger.complain(nil, "%s: %s\n%s", p.name, bad, p.tail())
		}
	}
}

func (p *process) tail() string {
	log := p.log.String()
	return log[max(0, len(log)-logTail):]
}
