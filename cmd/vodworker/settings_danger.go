package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker/tencent"
)

// dangers says what a change of the settings may cost; nothing if it costs nothing.
func dangers(ctx context.Context, one *openApplication, before, after tencent.Settings) (found []string) {
	if before.Mode == tencent.ModePull && after.Mode != tencent.ModePull {
		if left := queued(ctx, one.Source); left != "" {
			found = append(found, left+" VOD does not say whether they can still be pulled, or are posted, after that: "+
				"they may be lost. vodworker drain consumes them first")
		}
	}
	switch {
	case after.Mode == before.Mode && after.NotificationURL == before.NotificationURL:
	case after.Mode == tencent.ModePush && after.NotificationURL == "":
		found = append(found, "with PUSH and no callback URL, events are posted nowhere: they are lost")
	case after.NotificationURL == "" && before.NotificationURL != "":
		found = append(found, "the callback URL is forgotten: PUSH needs one")
	case after.NotificationURL != before.NotificationURL && !isHTTP(after.NotificationURL):
		found = append(found, "the callback URL is not an http or https URL with a host: VOD can't post to it")
	case after.Mode == tencent.ModePush && watch.Unreachable(one.config.VOD.Endpoint, after.NotificationURL) != "":
		found = append(found, "VOD posts from the internet, and can't reach "+
			watch.Unreachable(one.config.VOD.Endpoint, after.NotificationURL)+" there: what it can't post is lost")
	}
	return found
}

// queued says how many events are queued, if any may be.
func queued(ctx context.Context, source *tencent.Source) string {
	n, err := source.Backlog(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("queued events: not known (DescribeEventsState: %v).", err)
	case n == 0:
		return ""
	}
	return fmt.Sprintf("queued events: about %d.", n)
}

func isHTTP(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// agree warns of dangers, and asks whether to go on.
func (a *app) agree(dangers []string, yes bool) error {
	for _, danger := range dangers {
		fmt.Fprintln(a.stderr, "warning:", danger)
	}
	if len(dangers) == 0 || yes {
		return nil
	}
	if !isTerminal(a.stdin) {
		return usageError{errors.New("nothing was changed: say --yes to change it all the same")}
	}
	fmt.Fprint(a.stderr, "Change it all the same? [y/N] ")
	answer, _ := bufio.NewReader(a.stdin).ReadString('\n') // no answer is no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return usageError{errors.New("nothing was changed")}
}
