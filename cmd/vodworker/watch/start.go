package watch

import (
	"cmp"
	"context"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
)

// startLimit is how long the line of the start waits for what the API tells.
const startLimit = time.Second

// A Start is what is known of a process before it calls anybody. Nothing in it may be a secret.
type Start struct {
	Version     string
	Endpoint    string
	Handlers    []string // such as "backend: webhook https://example.com/vod"
	Concurrency int
	Inbox       string // where events are stored, and for how long; empty: they are not
	DeadLetters string // where they go; empty: nowhere
	Callback    string // where callbacks are received; empty: nowhere
	Page        string // where the process shows what it does; empty: nowhere

	KeyFrom func(context.Context) string // names the place of the key in use, once it is known; empty: it is not
}

// facts are what is learnt while the line of the start waits.
type facts struct {
	keyFrom      string
	applications []string
}

// start says what runs here, with what is learnt in time.
func (w *Watch) start(ctx context.Context, learnt <-chan func(*facts)) {
	known := facts{applications: make([]string, len(w.Applications))}
	for i, app := range w.Applications {
		known.applications[i] = app.Name + ": mode " + unknown
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for range cap(learnt) {
		select {
		case learn := <-learnt:
			learn(&known)
		case <-ctx.Done():
		}
	}
	keyFrom := cmp.Or(known.keyFrom, unknown)
	line := w.Log.Info().Str("version", w.Start.Version).Str("endpoint", Host(w.Start.Endpoint)).
		Strs("applications", known.applications).Strs("handlers", w.Start.Handlers).Str("key_from", keyFrom).
		Int("concurrency", w.Start.Concurrency).Str("dead_letters", cmp.Or(w.Start.DeadLetters, "none"))
	if w.Start.Inbox != "" {
		line.Str("inbox", w.Start.Inbox)
	}
	if w.Start.Callback != "" {
		line.Str("callback", w.Start.Callback)
	}
	if w.Start.Page != "" {
		line.Str("page", w.Start.Page)
	}
	line.Msg("running")
}

const unknown = "not known"

// described says how an application is set up.
func (e Expected) described(s tencent.Settings) string {
	text := e.Name + ": " + s.Mode
	if s.Mode != tencent.ModePull && s.NotificationURL != "" {
		text += " to " + Host(s.NotificationURL)
	}
	for _, of := range switches {
		text += ", " + of.name + " " + onOff(of.on(s))
	}
	return text
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
