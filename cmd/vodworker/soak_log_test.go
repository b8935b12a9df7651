package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// A soakLog is what a process says on stderr: a narrow pipe. While its reader rests the process can't write.
type soakLog struct {
	ended chan struct{} // nothing more comes

	mu      sync.Mutex
	awake   *sync.Cond
	resting bool
	blocked bool // the pipe was full when the reader came back
	text    bytes.Buffer
}

// newSoakLog returns a log, and where it is written to, which the caller closes.
func newSoakLog(l *ledger) (*soakLog, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	size, err := narrow(w)
	if err != nil {
		return nil, nil, errors.Join(err, r.Close(), w.Close())
	}
	log := &soakLog{ended: make(chan struct{})}
	log.awake = sync.NewCond(&log.mu)
	go log.run(l, r, size)
	return log, w, nil
}

func (s *soakLog) run(l *ledger, r *os.File, size int) {
	defer close(s.ended)
	defer func() { _ = r.Close() }()
	const longestLine = 1 << 10 // which a full pipe may have room for, but for a byte
	chunk := make([]byte, size)
	for {
		rested := s.whenAwake()
		n, err := r.Read(chunk)
		s.mu.Lock()
		s.text.Write(chunk[:n])
		full := rested && n > size-longestLine
		s.blocked = s.blocked || full
		s.mu.Unlock()
		if full {
			l.count("log: blocked", 1)
		}
		if err != nil {
			return
		}
	}
}

func (s *soakLog) whenAwake() (rested bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.resting {
		rested = true
		s.awake.Wait()
	}
	return rested
}

// rest keeps the reader from reading, but for what it may be reading just now.
func (s *soakLog) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resting, s.blocked = true, false
}

func (s *soakLog) rests() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resting
}

func (s *soakLog) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resting = false
	s.awake.Broadcast()
}

// doze has the reader rest now and then, until ctx ends or stop is called, which leaves it awake.
func (s *soakLog) doze(ctx context.Context, dice *dice) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var dozing sync.WaitGroup
	dozing.Go(func() {
		for passes(ctx, dice.between(time.Second, 10*time.Second)) {
			s.rest()
			passes(ctx, dice.between(time.Second, 6*time.Second))
			s.wake()
		}
	})
	return func() {
		cancel()
		dozing.Wait()
	}
}

// all returns what the process has said, once it has ended, and whether it was blocked in the end.
func (s *soakLog) all() (text string, blocked bool) {
	<-s.ended
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String(), s.blocked
}
