package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
	"github.com/vodworker/vodworker/worker/sink"
)

func (c *check) checkHandlers() {
	for i, h := range c.config.Handlers {
		c.checkPlace("handler "+h.Name, handlerKey(i), h.Place)
		c.checkWhere(h)
	}
	if len(c.config.Handlers) > 0 {
		applications := c.applications(c.config)
		if c.hasCallbacks() {
			applications = append(slices.Clone(applications), c.config.Callback.SubAppID)
		}
		c.pass("unmatched", "%s", watch.Unmatched(outletsNowhere(c.config).handlers, applications,
			worker.Unmatched(c.config.Worker.Unmatched)))
	}
}

// hasCallbacks reports whether the configuration says something about callbacks, which run or receive may take.
func (c *check) hasCallbacks() bool {
	of := c.config.Callback
	return of.Listen != "" || of.SubAppID != 0 || len(of.Keys()) > 0
}

// checkWhere says which conditions of a handler nobody can check.
func (c *check) checkWhere(h config.Handler) {
	name := "where of " + h.Name
	unchecked := h.Unchecked()
	switch {
	case len(unchecked) > 0:
		c.skip(name, "only an event shows whether there is %s: try it with vodworker send", strings.Join(unchecked, " and "))
	case len(h.Where) > 0 && c.hasCallbacks():
		c.pass(name, "events have what it asks for, but callbacks in the 2.0 format have their fields under data")
	case len(h.Where) > 0:
		c.pass(name, "events have what it asks for")
	}
}

// checkPlace adds what there is at a place, which the configuration names at a key.
func (c *check) checkPlace(name, key string, place config.Place) {
	if ending := ending(key, place); ending != "" {
		c.warn(name, "%s", ending)
	}
	found, risks, err := c.reach(place)
	if err != nil && !errors.Is(err, sink.ErrUnreached) {
		err = atPlace(c.config, key, place, err)
	}
	c.reached(name, found, err)
	for _, risk := range risks {
		c.warn(name, "%s", risk)
	}
}

// A risker can tell how an event can be lost at a place that has accepted it.
type risker interface {
	Risks(ctx context.Context) (found []string, err error)
}

// reach says what it has found at a place, and what may be lost there, or what is wrong. Options that can tell by themselves, as a
// file's, are asked: to open their sink would make something, which a worker may not be able to write to as another user.
func (c *check) reach(place config.Place) (found string, risks []string, err error) {
	ctx := c.cmd.Context()
	if options, ok := place.Options().(reacher); ok {
		found, err = options.Reach(ctx)
		return found, nil, err
	}
	to, err := c.open(place, c.config, zerolog.Nop())
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if found, err = to.Reach(ctx); err != nil {
		return "", nil, err
	}
	if broker, is := to.(risker); is {
		var unknown error
		if risks, unknown = broker.Risks(ctx); unknown != nil {
			risks = append(risks, fmt.Sprintf("not known whether it keeps all that it has accepted: %v", unknown))
		}
	}
	return found, risks, nil
}

// reached adds what came of reach. A place that does not answer may do so later; all else is the configuration's fault.
func (c *check) reached(name, found string, err error) {
	switch {
	case err == nil:
		c.pass(name, "%s", found)
	case errors.Is(err, sink.ErrUnreached):
		c.fail(name, err, exitUnavailable)
	default:
		c.fail(name, err, exitUsage)
	}
}

func (c *check) checkDeadLetters() {
	const name = "dead letters"
	dead := c.config.DeadLetters
	switch {
	case c.config.Inbox.On():
		c.pass(name, "they stay in the inbox")
	case dead.Dir != "":
		found, err := letters.Reach(c.cmd.Context(), dead.Dir)
		if err != nil {
			err = c.config.Errorf("dead_letters.dir", "%w", err)
		} else if exposed := letters.Exposed(dead.Dir); exposed != "" {
			c.warn(name, "%s", exposed)
			return
		}
		c.reached(name, found, err)
	case dead.On():
		c.checkPlace(name, "dead_letters", dead.Place)
	default:
		c.warn(name, "no place: an event that keeps failing is lost after 4 days: set dead_letters.dir")
	}
}

func (c *check) checkCallback() {
	const name = "callback"
	config := c.config.Callback
	if config.Listen == "" {
		return
	}
	if err := usage.CanListen(config.Listen); err != nil {
		c.fail(name, c.config.Errorf("callback.listen", "%w", err), exitUsage)
		return
	}
	ends, err := serverOptions(c.config, zerolog.Nop()).CheckCertificate()
	if err != nil {
		c.fail(name, badCertificate(c.config, err), exitUsage)
		return
	}
	if ending := endingOfCallback(ends); ending != "" {
		c.warn(name, "%s", ending)
	}
	if _, err := callbackReceiver(c.config, outletsNowhere(c.config), zerolog.Nop()); err != nil {
		c.fail(name, err, exitUsage)
		return
	}
	if len(config.Keys()) == 0 {
		c.warn(name, "callback.sign_key is not set: whoever reaches %s can forge events", config.Listen)
		return
	}
	c.pass(name, "run will receive at %s what is signed", config.Listen)
}
