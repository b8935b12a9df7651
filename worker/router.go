package worker

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
)

// A Router knows which handlers want an event, and runs them. It has no state: what succeeded, failed or is to be
// tried again later is for its caller to remember. It is safe for concurrent use.
type Router struct {
	handlers map[string]Handler
	order    []string
}

// NewRouter returns a Router for handlers. It fails if a name is empty or used twice, if there is nothing to call,
// if a type is not a valid glob, and if a condition is not valid.
func NewRouter(handlers []Handler) (*Router, error) {
	r := &Router{handlers: make(map[string]Handler, len(handlers))}
	for i, h := range handlers {
		_, taken := r.handlers[h.Name]
		switch {
		case h.Name == "":
			return nil, fmt.Errorf("handler %d has no name", i+1)
		case taken:
			return nil, fmt.Errorf("two handlers are named %q", h.Name)
		case h.Handle == nil:
			return nil, fmt.Errorf("handler %q has nothing to call", h.Name)
		case h.Timeout < 0 || h.Retry.Tries < 0 || h.Retry.Initial < 0 || h.Retry.Max < 0:
			return nil, fmt.Errorf("handler %q: timeout and retry must not be negative", h.Name)
		case h.Retry.Max > 0 && h.Retry.Max < h.Retry.WithDefaults().Initial:
			return nil, fmt.Errorf("handler %q: the longest pause of retry is shorter than the first", h.Name)
		}
		for _, glob := range h.Types {
			if _, err := path.Match(glob, ""); err != nil || glob == "" {
				return nil, fmt.Errorf("handler %q: %q is neither an event type nor a glob", h.Name, glob)
			}
		}
		for _, c := range h.Where {
			if err := c.Validate(); err != nil {
				return nil, fmt.Errorf("handler %q: where: %w", h.Name, err)
			}
		}
		h.Retry = h.Retry.WithDefaults()
		r.handlers[h.Name] = h
		r.order = append(r.order, h.Name)
	}
	return r, nil
}

// Handlers returns the names of all handlers, in the order in which NewRouter got them. It must not be modified.
func (r *Router) Handlers() []string { return r.order }

// Match returns the names of the handlers that want e, in the order in which NewRouter got them.
func (r *Router) Match(e events.Event) []string {
	names, _ := r.MatchType(e.SubAppID, e.Type)
	var object []byte // what they ask of, once looked at
	return slices.DeleteFunc(names, func(name string) bool {
		h := r.handlers[name]
		where := h.Where
		if len(where) > 0 && object == nil {
			object = condition.Object(e.Raw)
		}
		return !condition.All(where, object) || h.Behind != nil && len(h.Behind.Match(e)) == 0
	})
}

// MatchType returns the names of the handlers that want events of a type in an application, as far as their content does not
// matter, and whether it may matter to all of them: there are some, and each has a Where, so Match may return none.
func (r *Router) MatchType(subAppID uint64, of events.Type) (names []string, mayRefuse bool) {
	mayRefuse = true
	for _, name := range r.order {
		if h := r.handlers[name]; h.wants(subAppID, of) {
			names = append(names, name)
			mayRefuse = mayRefuse && h.mayRefuse(subAppID, of)
		}
	}
	return names, mayRefuse && len(names) > 0
}

// WhyUnmatched says in a log why Match returns none for an event: it depends on its type and application alone.
func (r *Router) WhyUnmatched(e events.Event) string {
	if _, refused := r.MatchType(e.SubAppID, e.Type); refused {
		return "every handler's where refused an event of this type"
	}
	return "no handler wants events of this type"
}

func (h Handler) wants(subAppID uint64, of events.Type) bool {
	if h.Behind != nil {
		if names, _ := h.Behind.MatchType(subAppID, of); len(names) == 0 {
			return false
		}
	}
	return (len(h.SubApps) == 0 || slices.Contains(h.SubApps, subAppID)) &&
		(len(h.Types) == 0 || slices.ContainsFunc(h.Types, func(glob string) bool { return matches(glob, of) }))
}

// mayRefuse reports whether the content of an event of a type that h wants may matter to it.
func (h Handler) mayRefuse(subAppID uint64, of events.Type) bool {
	if h.Behind != nil {
		if _, refuses := h.Behind.MatchType(subAppID, of); refuses {
			return true
		}
	}
	return len(h.Where) > 0
}

func matches(glob string, t events.Type) bool {
	if t == "" || glob == "*" {
		return glob == "*"
	}
	matched, _ := path.Match(glob, string(t)) // NewRouter has checked the glob
	if alias := t.Alias(); !matched && alias != "" {
		matched, _ = path.Match(glob, string(alias))
	}
	return matched
}

// longestTimeout returns how long one try of the slowest of the named handlers may take; 0 means without limit.
func (r *Router) longestTimeout(names []string) (longest time.Duration) {
	for _, name := range names {
		timeout := r.handlers[name].Timeout
		if timeout == 0 {
			return 0
		}
		longest = max(longest, timeout)
	}
	return longest
}
