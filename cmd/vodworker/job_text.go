package main

import (
	"cmp"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/worker/inbox"
)

// jobText says in one line what became of an event for one handler, as in backend: done 2026-03-01 12:00:00; run once.
func jobText(j page.InboxJob, now time.Time) string {
	text := cmp.Or(j.Handler, "no handler") + ": "
	switch {
	case j.State == inbox.Running:
		text += "running since " + when(j.Since)
		if j.Process != "" {
			text += " in process " + j.Process
		}
	case j.Since.After(now) && (j.State == inbox.Waiting || j.State == inbox.Failed):
		text += string(j.State) + "; next try at " + when(j.Since)
	case j.State == inbox.Waiting:
		text += "waiting for its turn since " + when(j.Since)
	case j.State == inbox.Failed:
		text += "failed; next try as soon as it is its turn"
	case j.State == inbox.Dead:
		text += "given up " + when(j.Since) + " (" + j.Reason.Text() + ")"
	default:
		text += string(j.State) + " " + when(j.Since)
	}
	if j.Runs > 0 {
		text += "; run " + times(j.Runs)
	}
	if j.Attempts > 0 {
		text += "; " + count(j.Attempts, "failure counts", "failures count") + " against the event"
	}
	if j.LastError != "" {
		text += "; last error: " + j.LastError
	}
	return text
}
