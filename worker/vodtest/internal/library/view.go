package library

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// A MediaView is a file, for who looks at it: with what was made of it, and why.
type MediaView struct {
	FileID   string `json:"FileId"`
	Name     string
	Type     string
	Source   string
	Created  time.Time
	Deleted  *time.Time // nil while it is there
	CoverURL string     `json:"CoverUrl"` // as far as it is no secret: without a user, a query and a fragment
	Made     []MadeView

	Tasks     []TaskView // the newest of those that are still known, the oldest first
	TaskCount int        // all that are still known

	Events []EventRef
}

// shownTasks is how many tasks of a file a view has.
const shownTasks = 50

// A MadeView is something that was made of a file.
type MadeView struct {
	Type       string // of the result that has made it
	Definition int64
	URL        string `json:"Url"` // of the first, of several pictures
}

// A TaskView is a task that is about a file.
type TaskView struct {
	TaskID   string `json:"TaskId"`
	TaskType string
	Status   string
	Progress int // in percent
	Created  time.Time
	Ended    *time.Time   // nil while it runs
	Results  []ResultView // of a task flow
}

// A ResultView is what has become of one part of a task flow.
type ResultView struct {
	Type       string
	Definition uint64
	Status     string
	Code       string // the ErrCodeExt
}

// View returns the newest files, the newest first, and how many there are in all. Those that were deleted lately are among them.
// What it returns stays as it is.
func (l *Library) View(most int) (shown []MediaView, all int) {
	all = len(l.media) + len(l.deleted)
	newest := slices.Clone(l.deleted)
	slices.Reverse(newest)
	for e := l.ordered.Back(); e != nil && len(newest) < len(l.deleted)+most; e = e.Prev() {
		newest = append(newest, e.Value.(*media))
	}
	slices.SortStableFunc(newest, func(a, b *media) int { return b.created.Compare(a.created) })
	shown = []MediaView{}
	for _, m := range newest[:min(most, len(newest))] {
		shown = append(shown, m.view())
	}
	return shown, all
}

func (m *media) view() MediaView {
	basic := &m.basic
	v := MediaView{
		FileID: m.id, Name: basic.Name, Type: basic.Type, Created: m.created, Deleted: unlessZero(m.deleted),
		CoverURL: weburl.WithoutSecrets(basic.CoverUrl), Made: m.made(), Tasks: []TaskView{}, TaskCount: len(m.tasks),
		Events: append([]EventRef{}, m.events...),
	}
	if basic.SourceInfo != nil {
		v.Source = basic.SourceInfo.SourceType
	}
	for _, t := range m.tasks[max(0, len(m.tasks)-shownTasks):] {
		v.Tasks = append(v.Tasks, t.view())
	}
	return v
}

// made lists what was made of a file, in the order in which the API lists the kinds.
func (m *media) made() []MadeView {
	made := []MadeView{}
	for _, kind := range kinds {
		made = append(made, kind.made(m)...)
	}
	return made
}

func views[T any](kept []T, view func(T) MadeView) []MadeView {
	all := make([]MadeView, len(kept))
	for i, item := range kept {
		all[i] = view(item)
	}
	return all
}

func (t *task) view() TaskView {
	v := TaskView{
		TaskID: t.id, TaskType: t.kind, Status: t.status, Progress: 100 * t.taken / len(t.steps),
		Created: t.created, Ended: unlessZero(t.ended), Results: []ResultView{},
	}
	if t.procedure != nil {
		for _, r := range t.procedure.runs {
			v.Results = append(v.Results, r.view())
		}
	}
	return v
}

func (r *runOf[I, O]) view() ResultView {
	return ResultView{r.kind(), r.template(), r.made.Status, r.made.ErrCodeExt}
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
