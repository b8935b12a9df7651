package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// oneSignal is how close together two signals are one: timeout(1) and some supervisors send theirs to the process and
// to its group.
const oneSignal = 200 * time.Millisecond

// lastWords is how long a second signal waits for the log, which may stand still.
const lastWords = 50 * time.Millisecond

// untilSignal returns a context that ends with the first SIGINT or SIGTERM. A second one ends the process at once:
// whatever was not confirmed stays queued. SIGHUP counts as a first one where there is a terminal, which has gone
// then. Call stop, once or more, when none matters any more.
func (a *app) untilSignal(ctx context.Context, log zerolog.Logger) (until context.Context, stop func()) {
	until, cancel := context.WithCancelCause(ctx)
	signals, hangUps := make(chan os.Signal, 2), make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as by nohup
		signal.Notify(hangUps, syscall.SIGHUP)
	}
	onTerminal := hasTerminal()
	stopped := make(chan struct{})
	var hungUp atomic.Bool
	go func() {
		var first time.Time
		for {
			select {
			case s := <-hangUps:
				switch {
				case !onTerminal:
					log.Info().Msg("SIGHUP: there is nothing to reload; to take a changed configuration, start again")
				case first.IsZero(): // later ones are the shell's, which passes it on
					first = time.Now()
					hungUp.Store(true)
					cancel(fmt.Errorf("signal: %s", s))
				}
			case s := <-signals:
				switch {
				case first.IsZero():
					first = time.Now()
					cancel(fmt.Errorf("signal: %s", s))
				case time.Since(first) > oneSignal:
					log.Error().Msg("second signal: ending at once; what is not confirmed stays queued")
					a.lines.Flush(lastWords, lastWords)
					os.Exit(exitUnexpected)
				}
			case <-stopped:
				return
			}
		}
	}()
	return until, sync.OnceFunc(func() {
		if !hungUp.Load() { // else the shell's may come until the end, and would kill; signal.Ignore has a moment in which it would, too
			signal.Stop(hangUps)
		}
		signal.Stop(signals)
		close(stopped)
		cancel(context.Canceled)
	})
}

// hasTerminal reports whether the process belongs to a terminal, whatever its streams are. Once that has gone, it does not.
func hasTerminal() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	_ = terminal.Close()
	return true
}
