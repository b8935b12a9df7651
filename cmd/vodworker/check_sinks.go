package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/sink"
)

func (c *check) checkHandlers() {
	for _, h := range c.config.Handlers {
		name := "handler " + h.Name
		found, err := c.tryHandler(h)
		if err != nil {
			c.fail(name, err, reachCode(err))
			continue
		}
		c.pass(name, "%s", found)
	}
}

// tryHandler says what it has found, or what is wrong. It makes nothing: what a check makes as one user, a worker may not
// be able to write to as another.
func (c *check) tryHandler(h HandlerConfig) (found string, err error) {
	if h.File != nil {
		return sink.FileOptions{Path: h.File.Path}.Reach(c.cmd.Context())
	}
	to, err := c.sink(h, c.config, zerolog.Nop())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return to.Reach(c.cmd.Context())
}

func reachCode(err error) int {
	if errors.Is(err, sink.ErrUnreached) {
		return exitUnavailable
	}
	return exitUsage
}

func (c *check) checkDeadLetters() {
	const name = "dead letters"
	config := c.config.DeadLetters
	switch {
	case config.Dir != "":
		found, err := tryFolder(config.Dir)
		if errors.Is(err, fs.ErrNotExist) {
			found, err = tryParent(config.Dir)
		}
		if err != nil {
			c.fail(name, fmt.Errorf("dead_letters.dir: %w", err), exitUsage)
			return
		}
		c.pass(name, "%s", found)
	case config.Webhook != nil:
		hook, err := config.hook()
		if err != nil {
			c.fail(name, err, exitUsage)
			return
		}
		defer func() { _ = hook.Close() }()
		found, err := hook.Reach(c.cmd.Context())
		if err != nil {
			c.fail(name, err, reachCode(err))
			return
		}
		c.pass(name, "%s", found)
	default:
		c.pass(name, "no place: an event that fails comes again until VOD drops it")
	}
}

// checkCallback does not listen: a worker that runs may do so.
func (c *check) checkCallback() {
	const name = "callback"
	config := c.config.Callback
	if config.Listen == "" {
		return
	}
	_, err := net.ResolveTCPAddr("tcp", config.Listen)
	if err != nil {
		c.fail(name, fmt.Errorf("callback.listen: %w", err), exitUsage)
		return
	}
	if config.TLS.CertFile != "" {
		if _, err := loadCertificates(config.TLS.CertFile, config.TLS.KeyFile, zerolog.Nop()); err != nil {
			c.fail(name, fmt.Errorf("callback.tls: %w", err), exitUsage)
			return
		}
	}
	if _, err := c.config.callback(c.config.outletsNowhere(), zerolog.Nop()); err != nil {
		c.fail(name, err, exitUsage)
		return
	}
	if config.SignKey == "" {
		c.warn(name, "callback.sign_key is not set: whoever reaches %s can make events up", config.Listen)
		return
	}
	c.pass(name, "run will receive at %s what is signed", config.Listen)
}

// tryParent sees whether something that is not there can be made.
func tryParent(name string) (found string, err error) {
	if _, err := tryFolder(filepath.Dir(filepath.Clean(name))); err != nil {
		return "", fmt.Errorf("%s can't be made: %w", name, err)
	}
	return name + " is not there yet, and can be made", nil
}

// tryFolder sees whether files can be made in a folder.
func tryFolder(dir string) (found string, err error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is no folder", dir)
	}
	probe, err := os.CreateTemp(dir, ".vodworker-check-*")
	if err != nil {
		return "", fmt.Errorf("this user can't write there: %w", err)
	}
	return dir + " can be written to", errors.Join(probe.Close(), os.Remove(probe.Name()))
}
