package watch

import (
	"fmt"
	"slices"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// Unmatched says what becomes of those types of events that no handler wants in any of the applications. The handlers must not
// contradict each other.
func Unmatched(handlers []worker.Handler, applications []uint64, then worker.Unmatched) string {
	router, err := worker.NewRouter(handlers)
	if err != nil {
		return "not known"
	}
	left := slices.DeleteFunc(events.Types(), func(of events.Type) bool {
		return slices.ContainsFunc(applications, func(id uint64) bool {
			return len(router.Match(events.Event{SubAppID: id, Type: of})) > 0
		})
	})
	unwanted, are := fmt.Sprintf("%d types of events that no handler wants", len(left)), "are"
	if len(left) == 1 {
		unwanted, are = string(left[0])+", which no handler wants,", "is"
	}
	switch {
	case len(left) == 0:
		return "every type has a handler"
	case then == worker.UnmatchedDeadLetter:
		return fmt.Sprintf("%s %s dead-lettered", unwanted, are)
	case then == worker.UnmatchedLeave:
		return fmt.Sprintf("%s %s left in the queue, until VOD drops them after 4 days", unwanted, are)
	}
	return fmt.Sprintf("%s %s confirmed unseen; worker.unmatched: dead_letter keeps them", unwanted, are)
}
