package watch

import (
	"fmt"
	"slices"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// Unmatched says what becomes of those types of events that no handler wants in any of the applications, and of what every
// handler's Where refuses. The handlers must not contradict each other.
func Unmatched(handlers []worker.Handler, applications []uint64, then worker.Unmatched) string {
	router, err := worker.NewRouter(handlers)
	if err != nil {
		return "not known"
	}
	refused := ""
	left := slices.DeleteFunc(events.Types(), func(of events.Type) bool {
		wanted := false
		for _, id := range applications {
			names, mayRefuse := router.MatchType(id, of)
			wanted = wanted || len(names) > 0
			if mayRefuse {
				refused = "; so are those that every handler's where refuses"
			}
		}
		return wanted
	})
	unwanted, are := fmt.Sprintf("%d types of events that no handler wants", len(left)), "are"
	if len(left) == 1 {
		unwanted, are = string(left[0])+", which no handler wants,", "is"
	}
	switch {
	case len(left) == 0 && refused == "":
		return "every type has a handler"
	case len(left) == 0:
		unwanted, are, refused = "every type has a handler; events that every handler's where refuses", "are", ""
	}
	switch then {
	case worker.UnmatchedDeadLetter:
		return fmt.Sprintf("%s %s dead-lettered%s", unwanted, are, refused)
	case worker.UnmatchedLeave:
		return fmt.Sprintf("%s %s left in the queue, until VOD drops them after 4 days%s", unwanted, are, refused)
	}
	return fmt.Sprintf("%s %s confirmed unseen%s; worker.unmatched: dead_letter keeps them", unwanted, are, refused)
}
