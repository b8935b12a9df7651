package main

import (
	"errors"
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
		found, err := c.reach(h.Place)
		if err != nil && !errors.Is(err, sink.ErrUnreached) {
			err = atPlace(c.config, handlerKey(i), h.Place, err)
		}
		c.warnOfEnd("handler "+h.Name, handlerKey(i), h.Place)
		c.reached("handler "+h.Name, found, err)
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

// reach says what it has found at a place, or what is wrong. Options that can tell by themselves, as a file's, are asked: to
// open their sink would make something, which a worker may not be able to write to as another user.
func (c *check) reach(place config.Place) (found string, err error) {
	if options, ok := place.Options().(reacher); ok {
		return options.Reach(c.cmd.Context())
	}
	to, err := c.open(place, c.config, zerolog.Nop())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return to.Reach(c.cmd.Context())
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

// warnOfEnd adds that a client certificate has ended, ends soon, or does not hold yet.
func (c *check) warnOfEnd(name, key string, place config.Place) {
	if ending := ending(key, place); ending != "" {
		c.warn(name, "%s", ending)
	}
}

func (c *check) checkDeadLetters() {
	const name = "dead letters"
	dead := c.config.DeadLetters
	switch {
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
		found, err := c.reach(dead.Place)
		if err != nil && !errors.Is(err, sink.ErrUnreached) {
			err = atPlace(c.config, "dead_letters", dead.Place, err)
		}
		c.warnOfEnd(name, "dead_letters", dead.Place)
		c.reached(name, found, err)
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
