package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/initial"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker/tencent"
)

// initLimit is for all that is asked: the file is written whatever comes of it.
const initLimit = 10 * time.Second

func initCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a configuration to begin with, from what is found here",
		Long: `Write a commented configuration, which prints events, as a file that is not there yet; with - to stdout. It looks
for the API key where run does, and if it finds one, has VOD tell the mode and the event switches of the application.
It changes nothing there, and no secret goes into the file.

Exit codes: 0 it is written, whether or not a key was found and VOD has answered; 2 there is such a file, or it can't
be made.`,
	}
	c := &initiation{apiCommand: addAPIFlags(cmd, a)}
	cmd.Flags().Lookup("endpoint").Usage = "`URL` of the API, such as the emulator's (default " + config.DefaultEndpoint + ")"
	cmd.Flags().Lookup("sub-app-id").Usage = "application (default the default application)"
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) }
	return cmd
}

// An initiation is one run of the command.
type initiation struct {
	*apiCommand
	said []watch.Finding // what a person is told of: more than goes into the file
	next string          // what is to be done before anything comes; empty: nothing
}

func (c *initiation) run(ctx context.Context) error {
	if err := c.canWrite(); err != nil {
		return err
	}
	found := initial.Found{Endpoint: cmp.Or(c.endpoint, config.DefaultEndpoint), SubAppID: c.subAppID}
	if err := c.find(ctx, &found); err != nil {
		return err
	}
	if err := c.write(found.Text()); err != nil {
		return err
	}
	return c.tell()
}

// toStdout reports whether there is to be no file.
func (c *initiation) toStdout() bool { return c.configFile == "-" }

// canWrite fails before anybody is asked if what is written would go nowhere.
func (c *initiation) canWrite() error {
	if c.toStdout() {
		c.configFrom = "" // no command finds it
		if closedOutput(c.stdout) {
			return errClosedOutput
		}
		return nil
	}
	if err := initial.IsFree(c.configFile); err != nil {
		return usageError{err}
	}
	return nil
}

// find adds what this machine and VOD tell. It fails only if no configuration can hold what the flags say.
func (c *initiation) find(ctx context.Context, found *initial.Found) error {
	ctx, cancel := context.WithTimeout(ctx, initLimit)
	defer cancel()
	made, err := config.Parse(c.configFile, found.Text(), os.LookupEnv, readSecretFile)
	if err != nil {
		if wrong, ok := errors.AsType[*config.Error](err); ok { // of a flag's value, so there is no line to name
			err = errors.New(wrong.Text)
		}
		return usageError{err}
	}
	keys, err := c.keyring(ctx, made, zerolog.Nop())
	if err == nil {
		defer func() { _ = keys.Close() }()
		var key tencent.Credentials
		key, err = keys.Credentials(ctx)
		found.KeyFrom = key.IDFrom
	}
	if err != nil {
		c.say("key", err.Error())
		found.Unknown = "there was no key to ask VOD with"
		c.next = "give it an API key: see above"
		return nil
	}
	c.say("key", "from "+found.KeyFrom)
	source, err := newSource(made, found.SubAppID, keys)
	if err != nil {
		return usageError{err}
	}
	defer func() { _ = source.Close() }()
	switch settings, err := source.Settings(ctx); {
	case err == nil:
		c.judge(found, made, settings)
	case watch.LacksPermission(err):
		found.Unknown = "the key may not call vod:DescribeEventConfig"
		c.say("mode", "not known: "+withRequestID(err))
	default:
		found.Unknown = "VOD has refused the call, or not answered"
		c.next = "see above why VOD does not tell the mode"
		c.say("mode", "not known: "+withRequestID(err))
	}
	return nil
}

// judge adds what the settings mean to the worker that is made.
func (c *initiation) judge(found *initial.Found, made *config.Config, settings tencent.Settings) {
	expected := c.expected(made, found.SubAppID, outletsNowhere(made).handlers)
	if c.toStdout() && c.endpoint != "" {
		expected.Flags = []string{"--endpoint", show.Word(c.endpoint)}
	}
	if settings.Mode != tencent.ModePull && settings.NotificationURL != "" {
		found.PostsTo = watch.Host(settings.NotificationURL)
	}
	found.Settings = expected.Judge(settings)
	c.said = append(c.said, found.Settings...)
	if mend := found.Settings[0].Mend; mend != "" {
		c.next = "'" + mend + "', or no event comes"
	}
}

func (c *initiation) say(what, found string) {
	c.said = append(c.said, watch.Finding{Setting: what, Found: found})
}

// write makes the file, or prints what would be in it.
func (c *initiation) write(text []byte) error {
	write := func(to io.Writer) error {
		_, err := to.Write(text)
		return err
	}
	if c.toStdout() {
		return write(c.stdout)
	}
	if err := initial.Make(c.configFile, write); err != nil {
		return usageError{err}
	}
	return nil
}

// tell says what was found, and what to do next.
func (c *initiation) tell() error {
	rows := tabwriter.NewWriter(c.stderr, 0, 0, 2, ' ', 0)
	for _, one := range c.said {
		text := show.Plain(one.Found)
		if one.Mend != "" {
			text += ": " + one.Mend
		}
		fmt.Fprintf(rows, "%s\t%s\n", one.Setting, text)
	}
	if err := rows.Flush(); err != nil || c.toStdout() {
		return err
	}
	text := fmt.Sprintf("%s is written. ", c.configFile)
	if c.next != "" {
		text += fmt.Sprintf("Next: %s. ", c.next)
	}
	text += fmt.Sprintf("'%s' tries it, and changes nothing. ", c.named("check"))
	if c.next == "" {
		text += fmt.Sprintf("'%s' consumes: it prints each event, and CONFIRMS it.", c.named("run"))
	}
	_, err := fmt.Fprintln(c.stderr, strings.TrimSpace(text))
	return err
}
