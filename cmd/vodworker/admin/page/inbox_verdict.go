package page

import (
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker/inbox"
)

// inboxTroubles says what is wrong behind the inbox, the worst first, and by which keys it is known since when. The caller holds
// the History's lock.
func (p *Page) inboxTroubles(s *inbox.Status, now time.Time) (v Verdict, keys []string) {
	if s == nil {
		return nil, nil
	}
	isNow := func(key, format string, args ...any) {
		keys = append(keys, key) // not the text, in which numbers change
		v = append(v, Trouble{Text: fmt.Sprintf(format, args...), Since: p.troubles.begun(key, now)})
	}
	if s.Failing != nil {
		v = append(v, Trouble{Text: "the inbox fails, so nothing is stored: " + cut(s.Failing.Error()), Since: s.Since})
	}
	for _, h := range s.Handlers {
		key := "inbox " + h.Handler + ": "
		switch {
		case h.Worker.Blocked:
			isNow(key+"blocked", "handler %s: calls that do not return hold every place", h.Handler)
		case h.Worker.Stuck > 0:
			isNow(key+"stuck", "handler %s has outlived the inbox's window and does not return", h.Handler)
		}
	}
	for _, h := range s.Handlers {
		if down := p.o.History.handler(h.Handler).behind; h.Configured && down != nil {
			v = append(v, Trouble{Text: fmt.Sprintf("handler %s is down: %s", h.Handler, down.err), Since: down.at})
		}
	}
	for _, h := range s.Handlers {
		key := "inbox " + h.Handler + ": "
		switch {
		case !h.Configured && h.Waiting > 0:
			waits := many(h.Waiting, "event waits", "events wait")
			isNow(key+"nobody", "%s in the inbox for handler %s, which is not configured here", waits, h.Handler)
		case h.Failed > 0:
			isNow(key+"fails", "handler %s fails %s of the inbox", h.Handler, many(h.Failed, "event", "events"))
		}
	}
	return v, keys
}
