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
)

func (c *Config) validate() error {
	switch {
	case c.VOD.Window <= 0 || c.VOD.Window > keptByVOD:
		return fmt.Errorf("vod.window must be positive, and at most %v: no event is kept for longer", keptByVOD)
	case !(c.VOD.Rate >= leastRate && c.VOD.Rate <= mostRate): // so not a number that is none either
		return fmt.Errorf("vod.rate must be positive: from %v to %v calls a second", leastRate, mostRate)
	case c.Worker.Concurrency < 1 || c.Worker.Concurrency > worker.MaxConcurrency:
		return fmt.Errorf("worker.concurrency must be at least 1 and at most %d: no account has more events in flight",
			worker.MaxConcurrency)
	case c.Worker.StopGrace <= 0:
		return errors.New("worker.stop_grace must be positive; 1ms is next to none")
	case c.Confirm.Linger <= 0:
		return errors.New("confirm.linger must be positive; 1ms is next to none")
	case c.Confirm.Margin < 0:
		return errors.New("confirm.margin must not be negative; 0s is a sixth of the window")
	}
	if err := c.VOD.Credentials.validate(); err != nil {
		return err
	}
	for i, h := range c.Handlers {
		if err := h.validate(); err != nil {
			return fmt.Errorf("handler %d (%q): %w", i+1, h.Name, err)
		}
	}
	if err := c.validateApplications(); err != nil {
		return err
	}
	if err := c.DeadLetters.validate(); err != nil {
		return err
	}
	if c.Worker.Unmatched == Unmatched(worker.UnmatchedDeadLetter) && !c.DeadLetters.On() {
		return errors.New("worker.unmatched is dead_letter, but there is no place for dead letters: set dead_letters.dir")
	}
	if err := c.Callback.validate(); err != nil {
		return err
	}
	if err := c.Log.Validate(); err != nil {
		return err
	}
	if len(c.Handlers) == 0 {
		return ErrNoHandlers
	}
	return nil
}

func (c *Credentials) validate() error {
	if c != nil && (c.SecretID == "" || c.SecretKey == "") {
		return errors.New("vod.credentials needs both secret_id and secret_key, and neither may be empty; " +
			"omit credentials to have them looked for elsewhere")
	}
	return nil
}

// keptByVOD is how long VOD keeps an event.
const keptByVOD = Duration(4 * 24 * time.Hour)

func (d DeadLetters) validate() error {
	if d.Attempts < 0 {
		return errors.New("dead_letters.attempts must not be negative")
	}
	if d.After < 0 {
		return fmt.Errorf("dead_letters.after must not be negative; 0s is the default, %v", worker.DefaultAfter)
	}
	if d.After >= keptByVOD {
		return errors.New("dead_letters.after must be less than 96h: VOD drops an event after 4 days")
	}
	if places, _ := d.given(); len(places) > 1 || len(places) == 1 && d.Dir != "" {
		return errors.New("dead_letters goes to a dir or to one place such as a webhook, not to both")
	}
	if d.Stdout != nil {
		return errors.New("dead_letters.stdout: letters need a place that keeps them, such as a dir or a webhook")
	}
	if d.Webhook != nil && d.Webhook.Format != "" {
		return errors.New("dead_letters.webhook.format: letters have a form of their own; omit format")
	}
	if err := d.validateOptions(); err != nil {
		return fmt.Errorf("dead_letters: %w", err)
	}
	return nil
}

func (c Callback) validate() error {
	if !strings.HasPrefix(c.Path, "/") {
		return errors.New("callback.path must begin with /")
	}
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		return errors.New("callback.tls needs both cert_file and key_file")
	}
	switch keys := c.SignKeys; {
	case slices.Contains(keys, ""):
		return errors.New("callback.sign_keys: one of them is empty")
	case len(keys) > 2, len(keys) == 2 && keys[0] == keys[1]:
		return errors.New("callback.sign_keys: VOD has one key; a second one, for as long as it is being changed, must be another")
	case c.SignKey != "" && len(keys) > 0:
		return errors.New("callback.sign_key and callback.sign_keys are both given: omit one of them")
	}
	return nil
}

var (
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"auto", "console", "json"}
)

// Validate returns an error if the level or the format is none that there is.
func (l Log) Validate() error {
	if !slices.Contains(logLevels, l.Level) {
		return fmt.Errorf("log level %q: it must be one of %q", l.Level, logLevels)
	}
	if !slices.Contains(logFormats, l.Format) {
		return fmt.Errorf("log format %q: it must be one of %q", l.Format, logFormats)
	}
	return nil
}
