package library

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// The states of a task.
const (
	waiting    = "WAITING"
	processing = "PROCESSING"
	finished   = "FINISH"
)

// The kinds of task, as the API calls them.
const (
	kindProcedure  = "Procedure"
	kindPullUpload = "PullUpload"
)

// A task is a task flow, or a file to be fetched. It waits, and when it has begun it takes its steps, one after the other, at
// equal distances. It has one step at least.
type task struct {
	id     string
	kind   string
	number int // in the order in which they were made
	media  *media
	status string

	created, began, ended time.Time

	sessionID, sessionContext string

	steps []func(now time.Time)
	taken int           // of the steps
	takes time.Duration // from began to the end
	next  time.Time     // when the next step is due
	place int           // in running

	procedure *procedure // of kindProcedure
	pull      *pull      // of kindPullUpload
}

// add makes a task known. It waits.
func (l *Library) add(t *task, now time.Time) {
	t.id, t.status, t.created = l.rules.NewTask(l.subAppID, t.kind), waiting, now
	l.made++
	t.number = l.made
	l.tasks[t.id] = t
	l.byAge.PushBack(t)
	if t.media != nil {
		t.media.tasks = append(t.media.tasks, t)
	}
	l.limitTasks()
}

// checkContext refuses what is too long of what every task takes.
func checkContext(sessionID, sessionContext string) error {
	switch {
	case runes(sessionContext) > 1000:
		return api.Refuse("InvalidParameterValue.SessionContextTooLong", "SessionContext is longer than 1000 characters")
	case runes(sessionID) > 50:
		return api.Refuse("InvalidParameterValue.SessionIdTooLong", "SessionId is longer than 50 characters")
	}
	return nil
}

// forget forgets a task that has become too old to be asked for. If it is not over it still does what it does.
func (l *Library) forget(t *task) {
	delete(l.tasks, t.id)
	if m := t.media; m != nil {
		if i := slices.Index(m.tasks, t); i == 0 {
			m.tasks[0], m.tasks = nil, m.tasks[1:]
		} else if i > 0 {
			m.tasks = slices.Delete(m.tasks, i, i+1)
		}
	}
}

// simple returns the task as it stands in lists.
func (t *task) simple() api.TaskSimpleInfo {
	return api.TaskSimpleInfo{
		TaskId: t.id, Status: t.status, FileId: t.fileID(), TaskType: t.kind,
		CreateTime: format(t.created), BeginProcessTime: format(t.began), FinishTime: format(t.ended),
		SessionId: t.sessionID, SessionContext: t.sessionContext,
	}
}
