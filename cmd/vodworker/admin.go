package main

import (
	"context"
	"net"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/admin"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

// listenForOperators opens where the process shows what it does; nil if the configuration names no place.
func listenForOperators(config *config.Config, counted *metrics.Metrics, log zerolog.Logger) (*admin.Server, error) {
	if config.Admin.Listen == "" {
		return nil, nil
	}
	server, err := admin.Listen(admin.Options{
		Listen: config.Admin.Listen, Token: config.Admin.Token, Pprof: config.Admin.Pprof, Metrics: counted.Handler(), Log: log,
	})
	if err != nil {
		return nil, usageError{config.Errorf("admin.listen", "%w", usage.Listening(config.Admin.Listen, err))}
	}
	return server, nil
}

// process is what operators are shown of an assembly that works until ctx ends, and receives callbacks there; nil: nowhere.
func (s *assembly) process(ctx context.Context, callback net.Addr) admin.Process {
	p := admin.Process{
		Callback: callback, Stopping: ctx.Done(), Page: s.page(ctx, s.config, s.log, s.applications...),
		Inbox: s.inboxStatus(), InboxWindow: time.Duration(s.config.Inbox.Window),
	}
	for _, app := range s.applications {
		p.Applications = append(p.Applications, admin.Application{
			Name: app.watched.Name, Window: time.Duration(s.config.VOD.Window), Status: app.Status,
		})
	}
	return p
}
