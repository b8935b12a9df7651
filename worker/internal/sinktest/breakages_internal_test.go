package sinktest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// breakages are the ways in which a sink may break each rule.
var breakages = map[string]map[string]func(*memory) broken{
	"nil means that the event has arrived": {
		"it is written later": func(m *memory) broken {
			var waiting []events.Event
			return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
				last := waiting
				waiting = []events.Event{e}
				for _, e := range last {
					if err := m.Handle(ctx, e); err != nil {
						return err
					}
				}
				return nil
			}}
		},
		"one in two is lost": func(m *memory) broken {
			n := 0
			return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
				if n++; n%2 == 0 {
					return nil
				}
				return m.Handle(ctx, e)
			}}
		},
	},
	"every byte arrives": {
		"it is decoded": kept(func(_ events.Event, a *Arrival) { a.Body = again(a.Body) }),
		"it is cut":     kept(func(_ events.Event, a *Arrival) { a.Body = a.Body[:min(len(a.Body), 1<<16)] }),
		"something is added": func(m *memory) broken {
			return broken{memory: m, handle: func(_ context.Context, e events.Event) error {
				m.keep(Arrival{ID: e.ID(), Body: append(e.Body(), ' ')})
				return nil
			}}
		},
	},
	"an event arrives under its ID, however often": {
		"the Key":    kept(func(e events.Event, a *Arrival) { a.ID = e.Key() }),
		"the handle": kept(func(e events.Event, a *Arrival) { a.ID = e.Handle }),
	},
	"many events at once arrive whole": {
		"they share a buffer": func(m *memory) broken {
			turn, both := make(chan struct{}, 1), make(chan struct{})
			return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
				select {
				case turn <- struct{}{}: // every first waits for a second, and overwrites it
					<-both
					return m.Handle(ctx, e)
				case both <- struct{}{}:
					<-turn
					return m.Handle(ctx, upload(99, 1, "h"))
				}
			}}
		},
	},
	"nothing is handed over once the time is over": {
		"it does not look": withoutEnd,
		"it says it, after": func(m *memory) broken {
			return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
				m.keep(Arrival{ID: e.ID(), Body: e.Body()})
				return m.Handle(ctx, e)
			}}
		},
	},
	"the end of the time ends Handle, which says why": {
		"it does not end":             withoutEnd,
		"a text":                      errs(func(err error) error { return errors.New(err.Error()) }),
		"without the cause":           errs(func(error) error { return fmt.Errorf("not kept: %w", context.DeadlineExceeded) }),
		"the cause alone":             errs(func(error) error { return fmt.Errorf("not kept: %w", errOver) }),
		"it is taken for the event's": errs(worker.Permanent),
		"it is taken for the place's": errs(worker.Unreachable),
	},
	"what is refused for good is permanent": {
		"an ordinary error": errs(func(err error) error { return errors.New(err.Error()) }),
		"no error":          errs(func(error) error { return nil }),
		"the place's fault": errs(func(err error) error { return worker.Unreachable(errors.New(err.Error())) }),
	},
	"what fails for no clear reason is nobody's fault, and works later": {
		"the event's":               errs(worker.Permanent),
		"the place's":               errs(worker.Unreachable),
		"the place's, with a pause": errs(func(err error) error { return worker.RetryAfter(time.Second, worker.Unreachable(err)) }),
		"no error":                  errs(func(error) error { return nil }),
		"for ever":                  staysBroken,
	},
	"what can take no event is unreachable, and works later": {
		"an ordinary error": errs(func(err error) error { return errors.New(err.Error()) }),
		"the event's":       errs(worker.Permanent),
		"no error":          errs(func(error) error { return nil }),
		"for ever":          staysBroken,
	},
	"a pause that is asked for is told": {
		"none":      errs(func(err error) error { return errors.New(err.Error()) }),
		"another":   errs(func(err error) error { return worker.RetryAfter(time.Second, err) }),
		"permanent": errs(worker.Permanent),
	},
	"a place where nobody is is not reached, and works later": {
		"it is reached": func(m *memory) broken {
			return broken{memory: m, reach: func(context.Context) (string, error) { return "there", nil }}
		},
		"the settings are blamed": func(m *memory) broken {
			return broken{memory: m, reach: func(context.Context) (string, error) { return "", m.fault }}
		},
		"the event is blamed": errs(worker.Permanent),
		"nobody is blamed":    errs(func(err error) error { return errors.New(err.Error()) }),
		"for ever":            staysBroken,
	},
	"it has a name, and shows no secret": {
		"the name shows it":       func(m *memory) broken { return broken{memory: m, name: "user:" + secret + "@"} },
		"the name has lines":      func(m *memory) broken { return broken{memory: m, name: "a\nb"} },
		"an error shows it":       errs(func(err error) error { return fmt.Errorf("post %s: %w", secret, err) }),
		"an error that is inside": errs(func(err error) error { return hidden{fmt.Errorf("post %s: %w", secret, err)} }),
		"what was found shows it": func(m *memory) broken {
			return broken{memory: m, reach: func(context.Context) (string, error) { return secret + " is there", nil }}
		},
	},
	"Reach finds a place, and leaves nothing there": {
		"it leaves a trace": func(m *memory) broken {
			return broken{memory: m, reach: func(ctx context.Context) (string, error) { m.traces++; return m.Reach(ctx) }}
		},
		"it hands an event over": func(m *memory) broken {
			return broken{memory: m, reach: func(ctx context.Context) (string, error) {
				return "there", m.Handle(ctx, upload(0, 1, "probe"))
			}}
		},
		"it finds nothing": func(m *memory) broken {
			return broken{memory: m, reach: func(context.Context) (string, error) { return "", nil }}
		},
	},
	"Close ends what is held, and what has arrived stays": {
		"it holds on":       func(m *memory) broken { return broken{memory: m, close: func() error { return nil }} },
		"it takes it along": func(m *memory) broken { return broken{memory: m, close: func() error { *m = memory{}; return nil }} },
		"it fails":          func(m *memory) broken { return broken{memory: m, close: func() error { return errors.New("no") }} },
	},
}
