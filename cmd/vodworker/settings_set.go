package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/tencent"
)

func setSettingsCommand(a *app) *cobra.Command {
	var o setOptions
	cmd := &cobra.Command{
		Use:   "set",
		Short: "Change event settings of one application; what no flag names stays as it is",
		Long: `Change event settings of one application, by ModifyEventConfig; what no flag names stays as it is. It shows what
changes, and asks before what may cost events; where there is no terminal to ask on, it needs --yes.

The sign key of normal callbacks comes from a file, or with - from stdin: as a flag everybody on this machine
could read it. VOD never shows it again.`,
	}
	c := addAPIFlags(cmd, a)
	flags := cmd.Flags()
	flags.StringVar(&o.mode, "mode", "", "PULL: events are queued; PUSH: they are posted to the callback URL")
	flags.StringVar(&o.url, "url", "", "callback `URL`; \"\" removes it")
	flags.StringVar(&o.upload, "upload", "", "on or off: NewFileUpload")
	flags.StringVar(&o.deletion, "delete", "", "on or off: FileDeleted")
	flags.StringVar(&o.persistence, "persistence", "", "on or off: PersistenceComplete")
	flags.StringVar(&o.signKeyFile, "sign-key-file", "", "`FILE` with the key that signs normal callbacks, or -")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
	cmd.RunE = func(*cobra.Command, []string) error { return c.set(o) }
	return cmd
}

type setOptions struct {
	mode, url, upload, deletion, persistence string
	signKeyFile                              string
	yes                                      bool
}

func (c *apiCommand) set(o setOptions) (err error) {
	change, err := c.change(o)
	if err != nil {
		return usageError{err}
	}
	one, err := c.one()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, one.Close()) }()
	ctx := c.cmd.Context()
	before, err := one.Settings(ctx)
	if err != nil {
		return fmt.Errorf("DescribeEventConfig: %w", err)
	}
	want := changed(before, change)
	if want == before && change.SignKey == nil {
		_, err := fmt.Fprintf(c.stdout, "application %s: nothing to change\n", one.name)
		return err
	}
	if _, err := fmt.Fprintf(c.stdout, "application %s\n%s", one.name, differences(before, want, change)); err != nil {
		return err
	}
	if err := c.agree(dangers(ctx, one, before, want), o.yes); err != nil {
		return err
	}
	if err := modify(ctx, one.Source, change, want); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, "changed")
	return err
}

// modify makes the change, and asks what came of it if no answer says so.
func modify(ctx context.Context, source *tencent.Source, change tencent.SettingsChange, want tencent.Settings) error {
	err := source.ChangeSettings(ctx, change)
	if err == nil {
		return nil
	}
	passing := !errors.Is(err, worker.ErrFatal) && !errors.Is(err, worker.ErrThrottled)
	err = fmt.Errorf("ModifyEventConfig: %w", err)
	if !passing {
		return err
	}
	switch after, asked := source.Settings(ctx); {
	case asked != nil:
		return fmt.Errorf("%w; whether it was changed is not known: vodworker settings show tells", err)
	case after != want:
		return fmt.Errorf("%w; it was not changed", err)
	case change.SignKey != nil:
		return fmt.Errorf("%w; whether the sign key was changed is not known: set it again", err)
	}
	return nil
}

// change returns what the flags say.
func (c *apiCommand) change(o setOptions) (change tencent.SettingsChange, err error) {
	given := c.cmd.Flags().Changed
	if given("mode") {
		mode := strings.ToUpper(o.mode)
		if mode != tencent.ModePull && mode != tencent.ModePush {
			return change, fmt.Errorf("--mode %q: it must be PULL or PUSH", o.mode)
		}
		change.Mode = &mode
	}
	if given("url") {
		change.NotificationURL = &o.url
	}
	for _, flag := range []struct {
		name, value string
		into        **bool
	}{
		{"upload", o.upload, &change.Upload},
		{"delete", o.deletion, &change.Deletion},
		{"persistence", o.persistence, &change.Persistence},
	} {
		if !given(flag.name) {
			continue
		}
		set := strings.EqualFold(flag.value, "on")
		if !set && !strings.EqualFold(flag.value, "off") {
			return change, fmt.Errorf("--%s %q: it must be on or off", flag.name, flag.value)
		}
		*flag.into = &set
	}
	if given("sign-key-file") {
		if change.SignKey, err = c.signKey(o.signKeyFile); err != nil {
			return change, fmt.Errorf("--sign-key-file: %w", err)
		}
	}
	if change == (tencent.SettingsChange{}) {
		return change, errors.New("say what to change: --mode, --url, --upload, --delete, --persistence or --sign-key-file")
	}
	return change, nil
}

// signKey reads the key from a file, or from stdin. No error shows what stands there.
func (c *apiCommand) signKey(name string) (*string, error) {
	var key string
	var err error
	if name == "-" {
		var text []byte
		text, err = io.ReadAll(io.LimitReader(c.stdin, config.MaxSecret))
		key = strings.TrimRight(string(text), "\r\n")
	} else {
		key, err = readSecret(name)
	}
	if err != nil {
		return nil, err
	}
	if !callback.ValidSignKey(key) {
		return nil, errors.New("a sign key is 1 to 32 letters and digits, and this is not")
	}
	return &key, nil
}

// changed returns the settings as they will be.
func changed(s tencent.Settings, change tencent.SettingsChange) tencent.Settings {
	apply(&s.Mode, change.Mode)
	apply(&s.NotificationURL, change.NotificationURL)
	apply(&s.Upload, change.Upload)
	apply(&s.Deletion, change.Deletion)
	apply(&s.Persistence, change.Persistence)
	return s
}

func apply[T any](setting, to *T) {
	if to != nil {
		*setting = *to
	}
}
