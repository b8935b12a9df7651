package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
)

// about says which event it is.
func about(e page.Life) (parts []string) {
	for _, part := range [][2]string{{"file", e.File}, {"task", e.Task}, {"name", e.Name}, {"status", e.Status}} {
		if part[1] != "" {
			parts = append(parts, part[0]+" "+part[1])
		}
	}
	if e.App != "0" {
		parts = append(parts, "application "+e.App)
	}
	return parts
}

var outcomeTexts = map[page.Outcome]string{
	page.InFlight:    "in flight",
	page.Failed:      "failing: it is not done yet",
	page.Left:        "left: it was never run",
	page.Unconfirmed: "handled, and not confirmed in time: it comes again",
	page.GivenUp:     "given up: it is in the dead letters",
	page.Lost:        "lost: it was given up, and could not be written",
	page.Confirmed:   "confirmed",
	page.Handled:     "handled, as a callback",
	page.Unmatched:   "confirmed: no handler wants it",
	page.Unseen:      "failed, and not seen any more for 6 h",
}

func outcomeText(e page.Life) string {
	text := outcomeTexts[e.Outcome]
	if e.InFlight {
		text += fmt.Sprintf(", in flight with %v of its lease left", (time.Duration(e.LeftMs) * time.Millisecond).Round(time.Second))
	}
	if e.Why != "" {
		text += " (" + e.Why + ")"
	}
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func deliveryLines(d page.Delivery) (lines []string) {
	if d.Left != "" {
		left := "not run: " + d.Left
		if d.Times > 1 {
			left += fmt.Sprintf("; %s until %s", times(d.Times), when(d.Until))
		}
		lines = append(lines, left)
	}
	for _, r := range d.Handlers {
		took := time.Duration(r.TookMs) * time.Millisecond
		parts := []string{fmt.Sprintf("%s: %s, tried %s, took %v", r.Handler, r.Outcome, times(r.Tries), took)}
		if r.Error != "" {
			parts = append(parts, r.Error)
		}
		lines = append(lines, strings.Join(parts, ": "))
	}
	switch d.Confirm {
	case "":
	case "ok":
		left := (time.Duration(d.LeaseLeft) * time.Millisecond).Round(100 * time.Millisecond)
		lines = append(lines, fmt.Sprintf("confirmed, %v before the end of its lease", left))
	default:
		lines = append(lines, "confirm failed: "+d.Confirm)
	}
	if len(lines) == 0 {
		lines = []string{"handed out"}
	}
	return lines
}

func nextText(e page.Life, n page.NextTry, now time.Time) string {
	switch {
	case e.InFlight:
		return "in this delivery"
	case n.Until.After(now):
		return "in the first delivery after " + when(n.Until)
	}
	return "when VOD hands it out again, mostly within 30 s"
}

// inboxLines say what an inbox has: each event with its jobs.
func inboxLines(known page.Explanation) (lines []string) {
	event := ""
	for _, j := range known.Inbox {
		if j.ID != event {
			event = j.ID
			parts := []string{"in the inbox: " + cmp.Or(j.Type, "an event without a type")}
			for _, part := range [][2]string{{"file", j.File}, {"task", j.Task}} {
				if part[1] != "" {
					parts = append(parts, part[0]+" "+part[1])
				}
			}
			if j.App != "0" {
				parts = append(parts, "application "+j.App)
			}
			lines = append(lines, strings.Join(parts, ", ")+", stored "+when(j.Stored))
		}
		lines = append(lines, "  "+jobText(j, known.Now))
	}
	if known.InboxError != "" {
		lines = append(lines, "What lies in the inbox is not known: "+known.InboxError)
	}
	return lines
}
