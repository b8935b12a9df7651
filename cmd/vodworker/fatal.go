package main

import (
	"errors"
	"fmt"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
)

// logging are the commands that have a log. What ends them is its last line.
var logging = map[string]bool{
	"vodworker run": true, "vodworker drain": true, "vodworker receive": true, "vodworker send": true, "vodworker emulate": true,
	"vodworker demo": true, "vodworker deadletters replay": true,
}

// sayWhy says why a command has failed: in its log, if it has one. A person sees the line that is wrong, too.
func (a *app) sayWhy(cmd *cobra.Command, err error, code int) {
	log, _ := a.logger(a.logAs) // which is valid, as are flags; where no configuration was read it is the default
	if logging[cmd.CommandPath()] {
		line := log.WithLevel(zerolog.FatalLevel).Int("exit_code", code)
		if id := watch.RequestID(err); id != "" {
			line = line.Str("request_id", id)
		}
		line.Msg(err.Error())
	} else {
		fmt.Fprintf(a.stderr, "vodworker: %s\n", withRequestID(err))
	}
	if !logs.ForPeople(a.logAs, a.terminal) {
		return
	}
	for _, one := range single(err) {
		if wrong, ok := errors.AsType[*config.Error](one); ok {
			fmt.Fprintln(a.stderr, wrong.Excerpt())
		}
	}
}

// single returns the mistakes of a configuration, which are joined; of any other error itself.
func single(err error) []error {
	type joined interface {
		error
		Unwrap() []error
	}
	if all, ok := errors.AsType[joined](err); ok {
		if _, mistakes := errors.AsType[*config.Error](all.Unwrap()[0]); mistakes {
			return all.Unwrap()
		}
	}
	return []error{err}
}

// withRequestID is an error as commands print it.
func withRequestID(err error) string {
	if id := watch.RequestID(err); id != "" {
		return fmt.Sprintf("%v (RequestId %s)", err, id)
	}
	return err.Error()
}
