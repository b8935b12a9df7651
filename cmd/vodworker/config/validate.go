package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// ErrNoHandlers is the last that is looked for. It matters only to whoever hands events to handlers.
var ErrNoHandlers = errors.New("no handlers: every event would be confirmed unseen; add one under handlers")

// Beyond these a number is a slip.
const (
	mostDuration = Duration(366 * 24 * time.Hour) // all durations; sums of them don't overflow
	leastRate    = 0.1                            // two windows may begin, and end, without a call
	mostRate     = 10_000.                        // a hundred times the quota
	mostTries    = 100                            // of a handler, within half a minute
	mostAttempts = 1_000                          // of an event, within the 4 days for which VOD keeps it
	mostAfter    = Duration(30 * 24 * time.Hour)  // that an inbox tries an event
)

// keptByVOD is how long VOD keeps an event.
const keptByVOD = Duration(4 * 24 * time.Hour)

// validate notes whatever contradicts itself, the other keys, or VOD. A mistake that was noted before, in handlers[0] for
// instance, hides all else there: it may come of that.
func (c *Config) validate() {
	before := c.source.errs
	c.source.errs = nil
	c.validateVOD()
	c.validateTimes()
	c.validateInbox()
	for i := range c.Handlers {
		c.validateHandler(i)
	}
	c.validateDeadLetters()
	c.validateCallback()
	c.validateAdmin()
	c.validateLog()
	if len(before) == 0 && len(c.source.errs) == 0 {
		c.validateApplications()
		c.validateFiles()
		c.validateReceivers()
		c.validateUnmatched()
		c.warnOfDangers()
	}
	hidden := map[string]bool{}
	for _, err := range before {
		hidden[section(err.key)] = true
	}
	c.source.errs = slices.DeleteFunc(c.source.errs, func(err *Error) bool { return hidden[section(err.key)] })
	c.source.errs = append(c.source.errs, before...)
	for i, err := range c.source.errs {
		if cause, is := c.source.oddVariables[err.key]; is {
			c.source.errs[i] = c.source.errorf(err.key, "%s", cause)
		}
	}
}

// section returns the first part of a key: handlers[0] of handlers[0].file.path.
func section(key string) string {
	first, _, _ := strings.Cut(key, ".")
	return first
}

func (c *Config) validateVOD() {
	c.validateEndpoint()
	switch window, own := c.VOD.Window, isVOD(c.VOD.Endpoint); {
	case window <= 0 || window > keptByVOD:
		c.bad("vod.window", "it must be positive, and at most %v; no event is kept for longer", keptByVOD)
	case own && window > vodWindow:
		c.bad("vod.window", "VOD waits for %v, and hands an event out again after that; write %v, only an emulator has more",
			vodWindow, vodWindow)
	}
	if rate := c.VOD.Rate; !(rate >= leastRate && rate <= mostRate) { // so not a number that is none either
		c.bad("vod.rate", "it must be from %v to %v calls a second; write the 99 that VOD's quota of 100 allows", leastRate, mostRate)
	}
	c.validateCredentials()
}

func (c *Config) validateCredentials() {
	of := c.VOD.Credentials
	if of == nil {
		return
	}
	if of.SecretID == "" || of.SecretKey == "" {
		c.bad("vod.credentials", "secret_id and secret_key are both needed, and neither may be empty; "+
			"or omit credentials to have them looked for elsewhere")
	}
	for _, part := range []struct{ name, value, file string }{
		{"secret_id", of.SecretID, of.SecretIDFile}, {"secret_key", of.SecretKey, of.SecretKeyFile}, {"token", of.Token, of.TokenFile},
	} {
		if strings.ContainsFunc(part.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			if part.file != "" {
				part.name += "_file"
			}
			c.bad("vod.credentials."+part.name, "there is a space or a letter in it that no key has; copy the key again")
		}
	}
}

// vodWindow is how long VOD itself waits for an event to be confirmed.
const vodWindow = Duration(30 * time.Second)

func (c *Config) validateTimes() {
	if n := c.Worker.Concurrency; n < 1 || n > worker.MaxConcurrency {
		c.bad("worker.concurrency", "it must be from 1 to %d; no account has more events in flight", worker.MaxConcurrency)
	}
	if c.Worker.StopGrace <= 0 {
		c.bad("worker.stop_grace", "it must be positive; 1ms is next to none")
	}
	switch {
	case c.Confirm.Linger <= 0:
		c.bad("confirm.linger", "it must be positive; 1ms is next to none")
	case c.isGiven("confirm.linger") && c.VOD.Window > 0 && c.handling() > 0 && c.Confirm.Linger >= c.handling():
		c.bad("confirm.linger", "it must be less than the handling time, %v; write the default, 100ms", c.handling())
	}
	switch {
	case c.Confirm.Margin < 0:
		c.bad("confirm.margin", "it must not be negative; 0s is a sixth of the window")
	case c.VOD.Window <= 0:
	case c.Confirm.Margin >= c.VOD.Window:
		c.bad("confirm.margin", "of the window of %v it leaves no time for handling; write 0s for a sixth of the window", c.VOD.Window)
	case !c.leavesTime() && !c.isGiven("confirm.margin"):
		c.bad("vod.window", "it leaves no time for handling; give the emulator a window of %v or more", leastWindow)
	case !c.leavesTime():
		c.bad("confirm.margin", "of the window of %v it leaves too little time for handling, %v; write a smaller margin, "+
			"0s for a sixth of the window", c.VOD.Window, c.handling())
	}
}

// handling is how much of VOD's window an event has: the window less the margin.
func (c *Config) handling() Duration {
	margin := c.Confirm.Margin
	if margin == 0 {
		margin = c.VOD.Window / 6
	}
	return c.VOD.Window - margin
}

// leavesTime reports whether an event that arrives late can still begin: a worker needs two fifths of the handling time for
// that, and a tenth to start in, of which the head start of a window is gone already.
func (c *Config) leavesTime() bool {
	return leavesTime(c.handling())
}

func leavesTime(of Duration) bool {
	handling := time.Duration(of)
	return handling-handling*2/5-worker.HeadStart >= handling/10
}

// leastWindow is the shortest that leaves time for handling, rounded up.
const leastWindow = Duration(2500 * time.Millisecond)

func (c *Config) isGiven(key string) bool {
	_, is := c.source.spots[key]
	return is
}

func (c *Config) bad(key, format string, args ...any)  { c.source.bad(key, format, args...) }
func (c *Config) warn(key, format string, args ...any) { c.source.warn(key, format, args...) }

func (c *Config) validateLog() {
	if !slices.Contains(logLevels, c.Log.Level) {
		c.bad("log.level", "it must be %s", oneOf(logLevels))
	}
	if !slices.Contains(logFormats, c.Log.Format) {
		c.bad("log.format", "it must be %s", oneOf(logFormats))
	}
}

var (
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"auto", "console", "json"}
)

// Validate returns an error if the level or the format is none that there is.
func (l Log) Validate() error {
	if !slices.Contains(logLevels, l.Level) {
		return fmt.Errorf("log level %q: it must be %s", l.Level, oneOf(logLevels))
	}
	if !slices.Contains(logFormats, l.Format) {
		return fmt.Errorf("log format %q: it must be %s", l.Format, oneOf(logFormats))
	}
	return nil
}

func oneOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
