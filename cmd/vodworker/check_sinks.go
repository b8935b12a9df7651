package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/callback"
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
		return tryFile(h.File.Path)
	}
	to, err := c.sink(h, c.config, zerolog.Nop())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	switch {
	case h.Exec != nil:
		return fmt.Sprintf("exec: %s can be run", filepath.Base(h.Exec.Command[0])), nil
	case h.Stdout != nil:
		return "stdout", nil
	}
	return reach(c.cmd.Context(), to)
}

// errUnreached is a place that does not answer. Everything else is the configuration's fault.
var errUnreached = errors.New("not reached")

func reachCode(err error) int {
	if errors.Is(err, errUnreached) {
		return exitUnavailable
	}
	return exitUsage
}

// reach connects to where a sink sends events, if it can tell whether that works without sending one.
func reach(ctx context.Context, to io.Closer) (found string, err error) {
	target, ok := to.(interface {
		fmt.Stringer
		Reach(ctx context.Context) error
	})
	if !ok {
		return "not tried", nil
	}
	if err := target.Reach(ctx); err != nil {
		return "", fmt.Errorf("%w: %w: is it running, and may this machine connect to it?", errUnreached, err)
	}
	return target.String() + " can be reached; nothing was posted", nil
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
		found, err := reach(c.cmd.Context(), hook)
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
	if err := serverOptions(c.config, zerolog.Nop()).CheckCertificate(); err != nil {
		c.fail(name, fmt.Errorf("callback.tls: %w", err), exitUsage)
		return
	}
	if _, err := callbackReceiver(c.config, c.config.outletsNowhere(), zerolog.Nop(), callback.Hooks{}); err != nil {
		c.fail(name, err, exitUsage)
		return
	}
	if config.SignKey == "" {
		c.warn(name, "callback.sign_key is not set: whoever reaches %s can make events up", config.Listen)
		return
	}
	c.pass(name, "run will receive at %s what is signed", config.Listen)
}

// tryFile sees whether a file can be written to, or made.
func tryFile(name string) (found string, err error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return tryParent(name)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no regular file", name)
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0) // as the sink opens it
	if err != nil {
		return "", err
	}
	return name + " can be written to", file.Close()
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
