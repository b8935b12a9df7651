package brokertest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// A broken sink is a right one, but for the functions that are not nil.
type broken struct {
	*memory
	handle func(context.Context, events.Event) error
	close  func() error
}

func (b broken) Handle(ctx context.Context, e events.Event) error {
	if b.handle != nil {
		return b.handle(ctx, e)
	}
	return b.memory.Handle(ctx, e)
}

func (b broken) Close() error {
	if b.close != nil {
		return b.close()
	}
	return nil
}

// errs breaks the errors of Handle.
func errs(change func(error) error) func(*memory) sink.Sink {
	return func(m *memory) sink.Sink {
		return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
			if err := m.Handle(ctx, e); err != nil {
				return change(err)
			}
			return nil
		}}
	}
}

// handles breaks Handle.
func handles(handle func(*memory, context.Context, events.Event) error) func(*memory) sink.Sink {
	return func(m *memory) sink.Sink {
		return broken{memory: m, handle: func(ctx context.Context, e events.Event) error { return handle(m, ctx, e) }}
	}
}

func TestEachPartFindsASinkThatBreaksIt(t *testing.T) {
	for _, p := range parts() {
		if len(breakages[p.name]) == 0 {
			t.Errorf("no broken sink shows that this part can fail: %s", p.name)
		}
		for how, breaks := range breakages[p.name] {
			t.Run(p.name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := newMemory()
					err := p.try(t.Context(), m.run(breaks(m), func(string, ...any) {}))
					defer time.Sleep(2 * time.Hour) // until what it has left behind has ended
					if err == nil || errors.Is(err, errCannot) {
						t.Errorf("not found: %v", err)
					}
					t.Logf("%.200v", err)
				})
			})
		}
	}
}

// breakages are the ways in which a sink may break what each part looks at.
var breakages = map[string]map[string]func(*memory) sink.Sink{
	"a server that stops and starts, and is killed and starts, loses nothing": {
		"some of those for which it was away are lost": func(m *memory) sink.Sink {
			var n atomic.Int32
			return errs(func(err error) error {
				if errors.Is(err, errAway) && n.Add(1)%4 == 0 {
					return nil
				}
				return err
			})(m)
		},
		"it is there later": later,
		"it is sent again, and there twice": handles(func(m *memory, ctx context.Context, e events.Event) error {
			_ = m.Handle(ctx, e)
			return m.Handle(ctx, e)
		}),
		"a broker that is away is the event's fault": errs(worker.Permanent),
		"and nobody's":         errs(func(err error) error { return errors.New(err.Error()) }),
		"it never works again": staysBroken,
		"one in many is damaged": handles(func(m *memory, ctx context.Context, e events.Event) error {
			if err := m.Handle(ctx, e); err != nil || e.ID()[0] != '0' {
				return err
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			last := &m.messages[len(m.messages)-1]
			last.Body = last.Body[1:]
			return nil
		}),
		"something else is there": handles(func(m *memory, ctx context.Context, e events.Event) error {
			return m.Handle(ctx, event("NewFileUpload", "another", ""))
		}),
	},
	"a server that stands still for a while loses nothing": {
		"it waits for longer than its context lives": handles(func(m *memory, ctx context.Context, e events.Event) error {
			longer, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			return m.Handle(longer, e)
		}),
		"it says that it is there":     errs(func(error) error { return nil }),
		"the time is over, not why":    errs(func(error) error { return context.DeadlineExceeded }),
		"nothing works after the thaw": staysBroken,
	},
	"a server that gives no answer is to blame, and no event": {
		"nobody is":      handles((*memory).handle),
		"the event is":   errs(worker.Permanent),
		"it is accepted": errs(func(error) error { return nil }),
	},
	"what is deleted and made again works again": {
		"it is the event's fault": errs(worker.Permanent),
		"it is dropped":           errs(func(error) error { return nil }),
		"it never works again":    staysBroken,
	},
	"an event that is too large harms no other": {
		"it is dropped":        errs(func(error) error { return nil }),
		"it is tried again":    errs(func(err error) error { return worker.Unreachable(errors.New(err.Error())) }),
		"all are at fault":     neighbours(worker.Permanent(errors.New("too large"))),
		"all have to go again": neighbours(worker.Unreachable(errors.New("closed"))),
		"neighbours are lost":  neighbours(nil),
	},
	"a name that can't be is the event's fault, and harms no other": {
		"it is dropped":        errs(func(error) error { return nil }),
		"it is tried again":    errs(func(err error) error { return worker.Unreachable(errors.New(err.Error())) }),
		"all have to go again": neighbours(worker.Unreachable(errors.New("closed"))),
	},
	"a context that ends harms no other": {
		"it ends others": func(m *memory) sink.Sink {
			harmed := make(chan struct{})
			return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
				shared, cancel := context.WithCancelCause(ctx)
				m.mu.Lock()
				now := harmed
				m.mu.Unlock()
				go func() {
					select {
					case <-now:
						cancel(errors.New("closed"))
					case <-shared.Done():
					}
				}()
				defer cancel(nil)
				err := m.Handle(shared, e)
				if ctx.Err() != nil {
					m.mu.Lock()
					defer m.mu.Unlock()
					close(harmed)
					harmed = make(chan struct{})
				}
				return err
			}}
		},
		"it is not looked at": handles(func(m *memory, ctx context.Context, e events.Event) error {
			return m.Handle(context.WithoutCancel(ctx), e)
		}),
		"it says that it is there":      errs(func(error) error { return nil }),
		"its end is the place's":        errs(worker.Unreachable),
		"its end is not told":           errs(func(err error) error { return errors.New(err.Error()) }),
		"the end is told without cause": errs(func(error) error { return context.Canceled }),
	},
	"Close ends goroutines and connections, and waits for no server that stands still": {
		"a goroutine stays": handles(func(m *memory, ctx context.Context, e events.Event) error {
			go time.Sleep(time.Hour)
			return m.Handle(ctx, e)
		}),
		"it waits": func(m *memory) sink.Sink {
			return broken{memory: m, close: func() error { time.Sleep(time.Minute); return nil }}
		},
		"it fails": func(m *memory) sink.Sink {
			return broken{memory: m, close: func() error { return errors.New("no") }}
		},
	},
}

// later has what is accepted be there in a while, unless the server stops before.
func later(m *memory) sink.Sink {
	return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
		if err := m.wait(ctx); err != nil {
			return err
		}
		go func() {
			select {
			case <-time.After(20 * answerTime):
				_ = m.Handle(context.WithoutCancel(ctx), e)
			case <-ctx.Done():
			}
		}()
		time.Sleep(answerTime)
		return nil
	}}
}

// staysBroken is never well again, once it was not.
func staysBroken(m *memory) sink.Sink {
	broke := make(chan struct{}, 1)
	return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
		if len(broke) > 0 {
			return worker.Unreachable(errAway)
		}
		err := m.Handle(ctx, e)
		if err != nil {
			select {
			case broke <- struct{}{}:
			default:
			}
		}
		return err
	}}
}

// neighbours answers so for those that come while one is at fault.
func neighbours(err error) func(*memory) sink.Sink {
	return func(m *memory) sink.Sink {
		return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
			if m.refused(e) != nil {
				m.become(away)
				time.Sleep(answerTime)
				m.become(well)
				return m.Handle(ctx, e)
			}
			time.Sleep(answerTime / 2)
			if m.wait(ctx) != nil {
				return err
			}
			return m.Handle(ctx, e)
		}}
	}
}
