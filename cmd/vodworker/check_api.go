package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

const (
	maxSkew     = 5 * time.Minute // VOD refuses signatures that are more off
	notableSkew = time.Minute
)

// checkEndpoint reports whether the API answers, and takes the signature. It learns that from one call, whatever else
// comes of it.
func (c *check) checkEndpoint(subAppID uint64, keys *tencent.Keyring) bool {
	source, err := newSource(c.config, subAppID, keys)
	if err != nil {
		c.fail("endpoint", err, exitUsage)
		return false
	}
	defer func() { _ = source.Close() }()
	_, err = source.Settings(c.cmd.Context())
	api, _ := errors.AsType[*tencent.Error](err)
	if api != nil && api.Reason == tencent.ReasonKey && api.RequestID == "" { // it has ended since
		c.fail("credentials", err, exitUnavailable)
		return false
	}
	if api != nil && api.Reason == tencent.ReasonUnreachable {
		c.fail("endpoint", fmt.Errorf("%w: look at vod.endpoint, HTTPS_PROXY and the network", err), exitUnavailable)
		return false
	}
	c.pass("endpoint", "%s answers", c.config.VOD.Endpoint)
	if !c.checkClock(source, api) {
		return false
	}
	if api != nil && api.Reason == tencent.ReasonKey {
		c.fail("signature", err, exitNoPerm)
		return false
	}
	c.pass("signature", "accepted")
	return true
}

// checkClock reports whether VOD would take signatures that bear this machine's time.
func (c *check) checkClock(source *tencent.Source, failed *tencent.Error) bool {
	const name = "clock"
	expired := failed != nil && failed.Reason == tencent.ReasonClock
	ahead, err := source.ClockAhead()
	off := "this machine's clock is right, to a minute at least"
	if ahead.Abs() > notableSkew {
		direction := "behind"
		if ahead < 0 {
			direction = "ahead of"
		}
		off = fmt.Sprintf("this machine's clock is %v %s the API's", ahead.Abs().Round(time.Second), direction)
	}
	switch {
	case expired && (err != nil || ahead.Abs() <= notableSkew):
		c.fail(name, failed, exitUnavailable)
	case expired || err == nil && ahead.Abs() > maxSkew:
		err := fmt.Errorf("%s: VOD refuses what is more than %v off: set it, and keep it by NTP", off, maxSkew)
		c.fail(name, err, exitUnavailable)
	case err != nil:
		c.warn(name, "not known: %v", err)
	case ahead.Abs() > notableSkew:
		c.warn(name, "%s: VOD refuses what is more than %v off: set it, and keep it by NTP", off, maxSkew)
	default:
		c.pass(name, "%s", off)
	}
	return !expired
}

// noHandle is one that VOD never hands out.
const noHandle = "vodworker-check"

// checkApplication checks what the key may do with an application, and how that is set up.
func (c *check) checkApplication(keys *tencent.Keyring) {
	source, err := newSource(c.config, c.subAppID, keys)
	if err != nil {
		c.fail("endpoint", err, exitUsage)
		return
	}
	defer func() { _ = source.Close() }()
	ctx := c.cmd.Context()

	confirming := source.Confirm(ctx, []string{noHandle})
	api, _ := errors.AsType[*tencent.Error](confirming)
	switch name := "vod:ConfirmEvents"; {
	case confirming == nil || api != nil && api.Reason == tencent.ReasonHandle:
		c.pass(name, "allowed")
	case errors.Is(confirming, worker.ErrFatal):
		c.fail(name, confirming, exitCode(confirming))
	default:
		c.warn(name, "not known: %s", withRequestID(confirming))
	}

	c.checkPull("vod:PullEvents", source)

	settings, err := source.Settings(ctx)
	switch name := "vod:DescribeEventConfig"; {
	case err == nil:
		c.pass(name, "allowed")
		c.checkSettings(settings)
	case watch.LacksPermission(err):
		c.warn(name, "mode and event switches can't be checked: %s", withRequestID(err))
	case errors.Is(err, worker.ErrFatal):
		c.fail(name, err, exitCode(err))
	default:
		c.warn(name, "not known: %s", withRequestID(err))
	}

	switch n, err := source.Backlog(ctx); {
	case err != nil:
		c.warn("backlog", "not known: %s", withRequestID(err))
	default:
		c.pass("backlog", "about %d queued; VOD's count is some minutes old", n)
	}
}

func (c *check) checkPull(name string, source *tencent.Source) {
	if !c.options.pull {
		c.skip(name, "not tried, since it would hide events from workers for 30 s: --pull tries it")
		return
	}
	batch, err := source.Pull(c.cmd.Context())
	switch {
	case err != nil && errors.Is(err, worker.ErrFatal):
		c.fail(name, err, exitCode(err))
	case err != nil:
		c.warn(name, "not known: %s", withRequestID(err))
	case len(batch.Events) == 0:
		c.pass(name, "allowed; there was nothing to pull")
	default:
		c.pass(name, "allowed; %s hidden for %v now", count(len(batch.Events), "event is", "events are"), c.config.VOD.Window)
	}
}

func (c *check) checkSettings(s tencent.Settings) {
	for _, f := range c.expected().Judge(s) {
		if f.Mend == "" {
			c.pass(f.Setting, "%s", f.Found)
		} else {
			c.warn(f.Setting, "%s: %s", f.Found, f.Mend)
		}
	}
}

// expected is that of the application that is being checked. The endpoint may be a flag's.
func (c *check) expected() watch.Expected {
	e := c.app.expected(c.config, c.subAppID, outletsNowhere(c.config).handlers)
	if c.endpoint != "" {
		e.Flags = append(e.Flags, "--endpoint", show.Word(c.endpoint))
	}
	return e
}
