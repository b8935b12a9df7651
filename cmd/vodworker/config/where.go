package config

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vodworker/vodworker/cmd/vodworker/content"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
)

// validateWhere notes conditions that are none, that lead nowhere, and that can't hold.
func (c *Config) validateWhere(h Handler, key string) {
	wanted := h.knownTypes()
	for i, one := range h.Where {
		at := fmt.Sprintf("%s[%d]", key, i)
		err := one.Validate()
		if err == nil {
			_, err = content.Check(one, wanted)
		}
		wrong, is := errors.AsType[*condition.Error](err)
		switch {
		case !is:
		case wrong.Key == "":
			c.bad(at, "%v", err)
		case wrong.Key == "json" && c.isReplaced(at+".json", one.JSON): // the text says more than may be shown
			c.bad(at+".json", replacedPath)
		default:
			c.bad(join(at, wrong.Key), "%v", wrong.Err)
		}
	}
}

const replacedPath = "with the variable in it, it is no path that there is; change the variable"

// isReplaced reports whether the value of a key is another than the file has.
func (c *Config) isReplaced(key, value string) bool {
	at, given := c.source.spots[key]
	return given && written(at.value) != value
}

// knownTypes returns the types of events that a handler wants and this program knows.
func (h Handler) knownTypes() []events.Type {
	if len(h.Events) == 0 {
		return events.Types()
	}
	return slices.DeleteFunc(events.Types(), func(t events.Type) bool {
		return !slices.ContainsFunc(h.Events, func(p EventPattern) bool { return p.matches(t) })
	})
}

// Unchecked returns the paths in Where of which a part leads through something that is not known before an event comes, such as
// the JSON in a text.
func (h Handler) Unchecked() (paths []string) {
	for _, one := range h.Where {
		if path, _ := content.Check(one, nil); path.Unchecked != "" {
			paths = append(paths, one.JSON)
		}
	}
	return paths
}

// warnOfWhere finds conditions on what is in other events than those that the handler wants.
func (c *Config) warnOfWhere(h Handler, key string) {
	wanted := h.knownTypes()
	for i, one := range h.Where {
		path, _ := content.Check(one, wanted)
		at := fmt.Sprintf("%s[%d].json", key, i)
		if path.Both != "" && slices.Contains(wanted, path.Payload) && !c.isReplaced(at, one.JSON) {
			c.warn(at, "VOD's pages have two names for this payload, and it finds only one; write %s, which finds both", path.Both)
		}
		if path.Payload == "" || len(wanted) == 0 || slices.Contains(wanted, path.Payload) {
			continue
		}
		holds := "never"
		if one.Holds([]byte("{}")) {
			holds = "always"
		}
		c.warn(at, "only %s has it, which this handler does not want, so the condition %s holds; "+
			"add the type to events, or write a field of what is there", path.Payload, holds)
	}
}

// validateUnmatched notes that every handler of a type may refuse an event, and nobody has said what becomes of it then.
func (c *Config) validateUnmatched() {
	applications := c.Applications()
	if c.Callback.Listen != "" || c.isGiven("callback.sub_app_id") { // which only receive may use
		applications = append(slices.Clone(applications), c.Callback.SubAppID)
	}
	if err := c.unsaid(applications); err != nil {
		c.source.add(err)
	}
}

// ValidateReceive fails if validateUnmatched would, had Callback.Listen been set.
func (c *Config) ValidateReceive() error {
	if err := c.unsaid([]uint64{c.Callback.SubAppID}); err != nil {
		return err
	}
	return nil
}

// unsaid returns what is wrong if every handler of a type may refuse an event of one of the applications, and nobody has said what
// becomes of it then.
func (c *Config) unsaid(applications []uint64) *Error {
	if c.isGiven("worker.unmatched") {
		return nil
	}
	handlers := make([]worker.Handler, len(c.Handlers))
	for i, h := range c.Handlers {
		handlers[i] = h.To(func(context.Context, events.Event) error { return nil })
	}
	router, err := worker.NewRouter(handlers)
	if err != nil {
		return nil // whoever makes it to use it says so
	}
	refused := map[events.Type][]string{} // by the first handler of each application whose handlers may all refuse it
	for i, h := range c.Handlers {
		for _, t := range h.someTypes() {
			if _, asked := refused[t]; !asked {
				refused[t] = nil
				for _, id := range applications {
					if names, mayRefuse := router.MatchType(id, t); mayRefuse {
						refused[t] = append(refused[t], names[0])
					}
				}
			}
			if slices.Contains(refused[t], h.Name) {
				return c.source.errorf(fmt.Sprintf("handlers[%d].where", i), "each handler of %s has a where, and what they all refuse would "+
					"be confirmed unseen; write worker.unmatched: confirm if that is meant, leave to keep it in the queue for other "+
					"programs, for 4 days, or dead_letter to keep it as a letter", called(t))
			}
		}
	}
	return nil
}

// someTypes returns the known types that a handler wants, and for each glob one that is not known: for all events the type that
// can't be read, which no other glob matches.
func (h Handler) someTypes() []events.Type {
	types := h.knownTypes()
	if len(h.Events) == 0 || slices.Contains(h.Events, "*") {
		types = append(types, "")
	}
	for _, pattern := range h.Events {
		types = append(types, pattern.unknown()...)
	}
	return types
}

func called(t events.Type) string {
	if !slices.Contains(events.Types(), t) {
		return "types that are newer than this program"
	}
	return string(t)
}
