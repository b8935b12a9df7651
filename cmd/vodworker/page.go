package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/admin"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// remembering has a history hear too what happens, if it can be looked at.
func (o observers) remembering(config *config.Config) observers {
	if config.Admin.Listen == "" {
		return o
	}
	o.history = page.NewHistory(time.Duration(config.VOD.Window))
	o.worker = o.worker.Join(o.history.Worker())
	o.callback = o.callback.Join(o.history.Callback())
	o.behind = o.behind.Join(o.history.Behind())
	return o
}

// page is the status page of what events go to, and of the applications that they are pulled from; nil if nothing is remembered.
func (o *outlets) page(ctx context.Context, config *config.Config, log zerolog.Logger, from ...application) http.Handler {
	if o.observers.history == nil {
		return nil
	}
	options := page.Options{
		History: o.observers.history, Version: versionText(), Callback: config.Callback.Listen, LettersAt: o.lettersAt, Stopping: ctx.Done(), Log: log,
		LongestPause: admin.LongestPause(time.Duration(config.VOD.Window), len(from)),
	}
	if o.inbox != nil {
		options.Inbox, options.Find = o.inbox.Status, o.inbox.Contents().Find
		options.Handlers = []page.Handler{{Name: inbox.Name, Place: "stores events in " + inboxPlace(config)}}
	}
	for i, h := range config.Handlers {
		of := page.Handler{Name: h.Name, Place: strings.TrimPrefix(o.places[i], h.Name+": "), Behind: o.inbox != nil}
		for _, pattern := range h.Events {
			of.Events = append(of.Events, string(pattern))
		}
		options.Handlers = append(options.Handlers, of)
	}
	options.Letters = o.letters
	options.Router, _ = worker.NewRouter(o.configured) // as the worker has done: nothing is wrong with them
	for _, app := range from {
		options.Applications = append(options.Applications, page.Application{
			Name: app.watched.Name, SubAppID: app.watched.SubAppID, Status: app.Status, Trouble: app.trouble,
		})
	}
	return page.New(options)
}
