package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// putInbox has events handed to the configured inbox, and puts the handlers behind it. The bodies of what they are given may
// take as many bytes. ctx bounds the opening alone.
func (o *outlets) putInbox(ctx context.Context, config *config.Config, log zerolog.Logger, bodies int) (err error) {
	o.inbox, err = inbox.Open(ctx, o.configured, inbox.Options{
		URL:         config.Inbox.URL,
		Keep:        time.Duration(config.Inbox.Keep),
		Window:      time.Duration(config.Inbox.Window),
		Concurrency: config.Worker.Concurrency,
		MaxBytes:    bodies,
		StopGrace:   time.Duration(config.Worker.StopGrace),
		Attempts:    config.DeadLetters.Attempts,
		After:       cmp.Or(time.Duration(config.DeadLetters.After), worker.DefaultAfter),
		Log:         log,
		Hooks:       o.observers.behind,
	})
	if err != nil {
		return config.Errorf(config.Inbox.Key(), "%w", err)
	}
	o.handlers = []worker.Handler{o.inbox.Handler()}
	o.deadLetters = o.inbox.DeadLetters()
	o.deadLetters.Attempts = 0 // whatever keeps an event from being stored is not the event
	o.letters, o.lettersAt = o.inbox.Contents().Letters(), "the inbox, "+inboxPlace(config)
	return nil
}

// inFront is how many events are taken at once from VOD, by each application: as many as are handled, but with an inbox all that
// the quota brings until they are stored.
func inFront(config *config.Config) int {
	const storing = 512 // a third of a second of it
	if config.Inbox.On() {
		return max(config.Worker.Concurrency, storing)
	}
	return config.Worker.Concurrency
}

// inboxPlace says for people where the inbox is: without a user, a password and options.
func inboxPlace(config *config.Config) string {
	at, err := url.Parse(config.Inbox.URL)
	if err != nil {
		return inbox.Name // the configuration is checked: it can't be
	}
	return (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}).String()
}

// inboxStatus returns what tells of the inbox; nil if there is none.
func (o *outlets) inboxStatus() func() inbox.Status {
	if o.inbox == nil {
		return nil
	}
	return o.inbox.Status
}

// inboxRun returns what hands out what lies in the inbox; nil if there is none.
func (o *outlets) inboxRun() func(context.Context) error {
	if o.inbox == nil {
		return nil
	}
	return o.inbox.Run
}

// behind are the handlers behind the inbox; none if there is none.
func (o *outlets) behind() (all []watch.Behind) {
	if o.inbox == nil {
		return nil
	}
	for i, h := range o.configured {
		all = append(all, watch.Behind{Handler: h.Name, Status: func() worker.Status {
			return o.inbox.Status().Handlers[i].Worker // they come first, in this order
		}})
	}
	return all
}

// inboxText says for people where the inbox is, and what its times are; "" if there is none.
func inboxText(config *config.Config) string {
	if !config.Inbox.On() {
		return ""
	}
	return fmt.Sprintf("%s, kept %v, window %v", inboxPlace(config), config.Inbox.Keep, config.Inbox.Window)
}
