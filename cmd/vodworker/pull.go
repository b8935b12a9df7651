package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/worker/tencent"
)

func pullCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "Call PullEvents once and print what it answers, by hand",
		Long: `Call PullEvents once, and print the Response as JSON: {"EventSet": […], "RequestId": "…"}, at most 16 events, in
the digits in which they came. It waits up to 5 s for an event.

What it prints is hidden from workers for 30 s. Confirm it in that time, or it comes again:
  vodworker pull | jq -r '.EventSet[].EventHandle' | vodworker confirm -

When there is nothing to pull it says ResourceNotFound, as the API does, prints an empty EventSet, and exits
with 0.`,
	}
	c := addAPIFlags(cmd, a)
	cmd.RunE = func(*cobra.Command, []string) error { return c.pull() }
	return cmd
}

func (c *apiCommand) pull() (err error) {
	one, err := c.one()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, one.Close()) }()
	answer, err := one.PullAnswer(c.cmd.Context())
	received := time.Now()
	if api, ok := errors.AsType[*tencent.Error](err); ok && api.Reason == tencent.ReasonEmpty {
		answer, err = emptyAnswer(api), nil
	}
	if err != nil {
		return fmt.Errorf("PullEvents: %w", err)
	}
	if _, err := fmt.Fprintln(c.stdout, show.JSON(answer)); err != nil {
		return err
	}
	var set struct{ EventSet []json.RawMessage }
	_ = json.Unmarshal(answer, &set) // it was printed, whatever it is
	if len(set.EventSet) == 0 {
		fmt.Fprintln(c.stderr, "vodworker: ResourceNotFound: there is no event to pull")
		return nil
	}
	fmt.Fprintf(c.stderr, "vodworker: %s hidden from all consumers until %s, and then handed out again: confirm before that\n",
		count(len(set.EventSet), "event is", "events are"), received.Add(time.Duration(one.config.VOD.Window)).Format(time.TimeOnly))
	return nil
}

// emptyAnswer is what an empty queue prints, in whichever form the API said so.
func emptyAnswer(api *tencent.Error) json.RawMessage {
	answer, _ := json.Marshal(struct { // strings always marshal
		EventSet  []string
		RequestID string `json:"RequestId"`
	}{[]string{}, api.RequestID})
	return answer
}
