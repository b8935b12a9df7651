package kafka_test

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// A pause has requests wait until it is over. A cluster may be closed only then: kfake, closed while a request sleeps, may keep the
// lock that its next request waits for.
type pause struct {
	end    chan struct{}
	mu     sync.Mutex
	over   bool
	asleep sync.WaitGroup // guarded by mu while it is not over
}

func newPause() *pause { return &pause{end: make(chan struct{})} }

// wait is for a control function of c.
func (p *pause) wait(c *kfake.Cluster) {
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return
	}
	p.asleep.Add(1)
	p.mu.Unlock()
	defer p.asleep.Done()
	c.SleepControl(func() { <-p.end })
}

// finish ends the pause, and returns when nobody sleeps any more.
func (p *pause) finish() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	close(p.end)
	p.asleep.Wait()
}
