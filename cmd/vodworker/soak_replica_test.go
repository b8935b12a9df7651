package main

import (
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

	// soakLogPatience is how long a process waits at its end for a log that nobody reads.
	soakLogPatience = time.Second

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
		stopDozing := p.log.doze(storm, r.dice)
		life := time.NewTimer(r.life())
		select {
		case <-life.C:
			stopDozing()
			r.kill(p)
			continue
		case <-p.ended:
			stopDozing()
		case <-storm.Done():
			stopDozing()
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
	log   *soakLog
	ended chan struct{}
	err   error // once it has ended
}

func (r *replica) start() (*process, error) {
	r.started++
	p := &process{name: fmt.Sprintf("r%d-%d", r.number, r.started), ended: make(chan struct{})}
	p.cmd = exec.Command("vodworker", "run", "--config", r.config) // TestMain has put it on the PATH
	p.cmd.Env = append(r.env[:len(r.env):len(r.env)], "PROCESS="+p.name)
	log, stderr, err := newSoakLog(r.ledger)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stderr.Close() }() // the process has its own
	p.log, p.cmd.Stderr = log, stderr
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

const (
	byKill = "kills by KILL"
	byTerm = "kills by TERM"
	byBoth = "kills by TERM, then KILL"

	inVain = " while its log is blocked"
)

// kill ends a process in one of the ways in which processes end, at times while nobody reads its log.
func (r *replica) kill(p *process) {
	how := []string{byBoth, byKill, byTerm}[r.dice.pick(0.45, 0.40)+1]
	if r.dice.chance(0.6) {
		<-r.hasCalled(p) // before that it has little to say
		p.log.rest()
		select {
		case <-time.After(r.dice.between(time.Second, 3*time.Second)):
		case <-p.ended:
		}
	}
	r.end(p, how)
	if _, blocked := p.log.all(); blocked {
		r.ledger.count(how+inVain, 1)
	}
}

func (r *replica) end(p *process, how string) {
	switch how {
	case byTerm:
		r.terminate(p)
		return
	case byKill:
		r.ledger.count(byKill, 1)
		r.signal(p, os.Kill)
	case byBoth: // as an impatient supervisor does
		r.ledger.count(byBoth, 1)
		r.signal(p, syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(r.dice.between(0, soakStopGrace)):
			r.signal(p, os.Kill)
		}
	}
	<-p.ended
	p.log.wake()
	if p.cmd.ProcessState.ExitCode() > 0 { // -1 if a signal has ended it
		r.ledger.complain(nil, "%s ended by itself: %v\n%s", p.name, p.err, p.tail())
	}
	r.examine(p)
}

// terminate asks a process to end, and expects it to do so well and in time.
func (r *replica) terminate(p *process) {
	<-r.hasCalled(p) // before that it may not listen to signals yet
	r.ledger.count(byTerm, 1)
	limit := stopLimit
	if p.log.rests() {
		limit += soakLogPatience
	}
	asked := time.Now()
	r.signal(p, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(2 * stopLimit):
		p.log.wake()
		r.signal(p, syscall.SIGQUIT) // the log then shows what it was at
		<-p.ended
	}
	took := time.Since(asked)
	p.log.wake()
	r.ledger.took("stop by TERM", took)
	if p.err != nil || took > limit {
		r.ledger.complain(nil, "%s ended %v after SIGTERM, at most %v is allowed: %v\n%s", p.name, took, limit, p.err, p.tail())
	}
	r.examine(p)
}

// hasCalled returns a channel that is closed when a process has called the API, or has ended.
func (r *replica) hasCalled(p *process) <-chan struct{} {
	either := make(chan struct{})
	go func() {
		defer close(either)
		select {
		case <-r.api.firstCall(p.name):
		case <-p.ended:
		}
	}()
	return either
}

func (r *replica) signal(p *process, s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.ledger.complain(nil, "send %v to %s: %v", s, p.name, err)
	}
}

// examine looks for what no exit code tells of a process that was killed.
func (r *replica) examine(p *process) {
	log, _ := p.log.all()
	for _, bad := range []string{"DATA RACE", "panic: ", "fatal error: "} {
		if strings.Contains(log, bad) {
			r.ledger.complain(nil, "%s: %s\n%s", p.name, bad, p.tail())
		}
	}
}

func (p *process) tail() string {
	log, _ := p.log.all()
	return log[max(0, len(log)-logTail):]
}
