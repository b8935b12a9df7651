package config

import (
	"context"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// To returns the handler as a worker runs it, with what its events are handed to.
func (h Handler) To(handle func(context.Context, events.Event) error) worker.Handler {
	types := make([]string, len(h.Events))
	for i, pattern := range h.Events {
		types[i] = string(pattern)
	}
	return worker.Handler{
		Name:    h.Name,
		Types:   types,
		SubApps: h.SubAppIDs,
		Where:   h.Where,
		Handle:  handle,
		Timeout: time.Duration(h.Timeout),
		Retry:   h.Retry.of(),
	}
}

// of is a Retry as the worker has it.
func (r Retry) of() worker.Retry {
	return worker.Retry{Tries: r.Tries, Initial: time.Duration(r.Initial), Max: time.Duration(r.Max)}
}

func (c *Config) validateHandler(i int) {
	h, key := c.Handlers[i], fmt.Sprintf("handlers[%d]", i)
	if h.Name == "" {
		c.bad(key+".name", "it is missing; write a name, by which logs tell handlers apart")
	}
	for other := range i {
		if c.Handlers[other].Name == h.Name && h.Name != "" {
			c.bad(key+".name", "the handler in line %d has this name too; give each its own", c.line(fmt.Sprintf("handlers[%d]", other)))
			break
		}
	}
	switch {
	case h.Timeout < 0:
		c.bad(key+".timeout", "it must not be negative; 0s is until the handling time ends")
	case c.handlersTime() > 0 && h.Timeout > c.handlersTime() && c.Inbox.On():
		c.bad(key+".timeout", "handling ends after %v anyway (five sixths of inbox.window); write %v or less",
			c.handlersTime(), c.handlersTime())
	case c.handlersTime() > 0 && h.Timeout > c.handlersTime():
		c.bad(key+".timeout", "handling ends after %v anyway (the window less the margin); write %v or less, or set inbox.url",
			c.handling(), c.handling())
	}
	c.validateWhere(h, key+".where")
	c.validateRetry(h.Retry, key+".retry")
	c.validatePlace(h.Place, key)
}

// line returns where a key stands.
func (c *Config) line(key string) int { return c.source.spots[key].position().Line }

func (c *Config) validateRetry(r Retry, key string) {
	switch {
	case r.Tries == 0 && c.isGiven(key+".tries"):
		c.bad(key+".tries", "it must be from 1 to %d; 1 is no second try", mostTries)
	case r.Tries < 0 || r.Tries > mostTries:
		c.bad(key+".tries", "it must be from 1 to %d; 3 is the default", mostTries)
	case r.Initial < 0:
		c.bad(key+".initial", "it must not be negative; 200ms is the default")
	case r.Max < 0:
		c.bad(key+".max", "it must not be negative; 2s is the default")
	case r.Max > 0 && time.Duration(r.Max) < r.of().WithDefaults().Initial:
		c.bad(key+".max", "the longest pause is shorter than the first one, initial; make it longer")
	case c.handlersTime() > 0 && r.Initial > c.handlersTime():
		c.bad(key+".initial", "handling ends after %v, before a second try; write less", c.handlersTime())
	}
}
