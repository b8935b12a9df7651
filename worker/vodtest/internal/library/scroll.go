package library

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A scroll is where a list of tasks goes on: with this task, or what would stand in its place. Their order remains that of when
// the list began, so that tasks that end meanwhile are neither skipped nor listed twice.
type scroll struct {
	task *task
	asOf time.Time
}

// String returns the ScrollToken. VOD's is the ID of the next record, too.
func (s scroll) String() string { return s.task.id + "@" + strconv.FormatInt(s.asOf.UnixNano(), 36) }

func (l *Library) readScroll(token string) (scroll, error) {
	id, at, _ := strings.Cut(token, "@")
	nanoseconds, err := strconv.ParseInt(at, 36, 64)
	t := l.tasks[id]
	if err != nil || t == nil {
		return scroll{}, api.Refuse("InvalidParameterValue",
			"ScrollToken must be one that DescribeTasks has returned, in the last 3 days")
	}
	return scroll{t, time.Unix(0, nanoseconds)}, nil
}

// tasksOrder returns a function that compares tasks. By FinishTime those that are not over come last, as if they ended now.
func tasksOrder(by *api.SortBy, asOf time.Time) (func(a, b *task) int, error) {
	if by == nil {
		by = &api.SortBy{}
	}
	var order func(a, b *task) int
	switch by.Field {
	case "CreateTime", "":
		order = func(a, b *task) int { return cmp.Compare(a.number, b.number) }
	case "FinishTime":
		order = func(a, b *task) int {
			aEnd, aOver := a.endedBy(asOf)
			bEnd, bOver := b.endedBy(asOf)
			switch {
			case aOver && bOver:
				return cmp.Or(aEnd.Compare(bEnd), cmp.Compare(a.number, b.number))
			case aOver:
				return -1
			case bOver:
				return 1
			}
			return cmp.Compare(a.number, b.number)
		}
	default:
		return nil, api.Refuse("InvalidParameterValue", "Sort.Field is %.60q; it must be CreateTime or FinishTime", by.Field)
	}
	switch by.Order {
	case "Asc":
		return order, nil
	case "Desc", "":
		return func(a, b *task) int { return order(b, a) }, nil
	}
	return nil, api.Refuse("InvalidParameterValue", "Sort.Order is %.60q; it must be Asc or Desc", by.Order)
}

// endedBy returns when a task was over, and false if it was not yet at a time.
func (t *task) endedBy(asOf time.Time) (time.Time, bool) {
	return t.ended, t.status == finished && !t.ended.After(asOf)
}
