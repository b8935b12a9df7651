// Package library is the media of one application, and the tasks that work on them: what the actions of the API that are
// about media do, by their names.
package library

import (
	"container/list"
	"time"
)

// Rules are what all applications of an emulator have in common. They may change between two calls.
type Rules struct {
	TaskTime   time.Duration                             // from the beginning of a task to its end
	Failures   []Failure                                 // results that fail; of several that fit the first one counts
	Procedures map[string]Procedure                      // by name
	NewFile    func() string                             // makes a FileId
	NewTask    func(subAppID uint64, kind string) string // makes a TaskId
	NewSession func() string                             // makes a VodSessionKey
	Storage    Storage
}

// A Library is a state machine without a clock, told at each step what time it is. It has no lock, and now must never go
// backwards. Before an action is asked for, [Library.Advance] does what was due until then; and it returns, next time, the events
// that the action has made.
type Library struct {
	subAppID uint64
	rules    *Rules

	media    map[string]*media // by FileId
	ordered  list.List         // of *media, the oldest first
	deleted  []*media          // the newest keptDeleted of those that were deleted, the oldest first
	expiring expiryHeap        // those that do not stay
	lastFile string
	made     int // files and tasks so far

	tasks    map[string]*task // by TaskId
	byAge    list.List        // of *task, the oldest first
	running  taskHeap         // those that have begun and are not over
	held     []string         // TaskIds that the call at hand has made
	sessions sessions
	uploads  uploads

	events []Event
}

// keptDeleted is how many deleted media a library still shows.
const keptDeleted = 100

// taskLife is how long a task can be asked for after it was made, as the API documents it.
const taskLife = 3 * 24 * time.Hour

// New returns an empty library.
func New(subAppID uint64, rules *Rules) *Library {
	return &Library{subAppID: subAppID, rules: rules, media: map[string]*media{}, tasks: map[string]*task{}}
}

// Advance does all that was due until now: tasks make their results, old ones are forgotten, and media expire. It returns the
// events that there were since it was last called.
func (l *Library) Advance(now time.Time) []Event {
	for len(l.running) > 0 && !l.running[0].next.After(now) {
		l.expire(l.running[0].next)
		l.step(l.running[0])
	}
	l.expire(now)
	for front := l.byAge.Front(); front != nil; front = l.byAge.Front() {
		t := front.Value.(*task)
		if now.Sub(t.created) < taskLife {
			break
		}
		l.byAge.Remove(front)
		l.forget(t)
	}
	events := l.events
	l.events = nil
	return events
}

// Next returns when something will be due, and false if nothing will.
func (l *Library) Next() (time.Time, bool) {
	switch {
	case len(l.running) == 0 && len(l.expiring) == 0:
		return time.Time{}, false
	case len(l.running) == 0 || len(l.expiring) > 0 && l.expiring[0].expires.at.Before(l.running[0].next):
		return l.expiring[0].expires.at, true
	default:
		return l.running[0].next, true
	}
}

// Held returns the tasks that were made since it was last called. They wait for [Library.Start]: whoever has asked for one
// learns its TaskId before anything happens to it.
func (l *Library) Held() []string {
	held := l.held
	l.held = nil
	return held
}

// Start begins tasks that were held. It leaves those alone that it does not know.
func (l *Library) Start(taskIDs []string, now time.Time) {
	for _, id := range taskIDs {
		if t := l.tasks[id]; t != nil && t.status == waiting {
			l.begin(t, now, l.rules.TaskTime)
		}
	}
}

// LastFile returns the FileId that was made last, "" if there is none.
func (l *Library) LastFile() string { return l.lastFile }
