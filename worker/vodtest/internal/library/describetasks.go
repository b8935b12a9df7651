package library

import (
	"cmp"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// DescribeTaskDetail returns a task, for three days after it was made.
func (l *Library) DescribeTaskDetail(p *api.DescribeTaskDetail, _ time.Time) (*api.DescribeTaskDetailResponse, error) {
	t := l.tasks[p.TaskId]
	if t == nil {
		return nil, api.Refuse("InvalidParameterValue.TaskId", "there is no task %.60q in this application", p.TaskId)
	}
	r := &api.DescribeTaskDetailResponse{
		TaskType: t.kind, Status: t.status,
		CreateTime: format(t.created), BeginProcessTime: format(t.began), FinishTime: format(t.ended),
	}
	if t.procedure != nil {
		r.ProcedureTask = t.procedureTask()
	} else {
		r.PullUploadTask = t.pullTask()
	}
	return r, nil
}

// DescribeTasks lists tasks, the newest first if nothing else is asked for.
func (l *Library) DescribeTasks(p *api.DescribeTasks, now time.Time) (*api.DescribeTasksResponse, error) {
	limit, err := tasksLimit(p.Limit)
	if err != nil {
		return nil, err
	}
	wanted, err := tasksWanted(p)
	if err != nil {
		return nil, err
	}
	from := scroll{asOf: now}
	if p.ScrollToken != "" {
		if from, err = l.readScroll(p.ScrollToken); err != nil {
			return nil, err
		}
	}
	order, err := tasksOrder(p.Sort, from.asOf)
	if err != nil {
		return nil, err
	}
	var found []*task
	for e := l.byAge.Front(); e != nil; e = e.Next() {
		t := e.Value.(*task)
		if wanted(t) && (from.task == nil || order(t, from.task) >= 0) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, order)
	r := &api.DescribeTasksResponse{TaskSet: []api.TaskSimpleInfo{}}
	if len(found) > limit {
		r.ScrollToken = scroll{found[limit], from.asOf}.String()
		found = found[:limit]
	}
	for _, t := range found {
		r.TaskSet = append(r.TaskSet, t.simple())
	}
	return r, nil
}

func tasksLimit(asked uint64) (int, error) {
	switch {
	case asked == 0:
		return 10, nil
	case asked > 100:
		return 0, api.Refuse("InvalidParameterValue", "Limit must not be more than 100")
	}
	return int(asked), nil
}

// tasksWanted returns a function that says whether a task is one of those asked for.
func tasksWanted(p *api.DescribeTasks) (func(*task) bool, error) {
	if !slices.Contains([]string{"", waiting, processing, finished}, p.Status) {
		return nil, api.Refuse("InvalidParameterValue.Status", "Status is %.60q; it must be WAITING, PROCESSING or FINISH", p.Status)
	}
	created, err := taskTimes("CreateTime", p.CreateTime)
	if err != nil {
		return nil, err
	}
	ended, err := taskTimes("FinishTime", p.FinishTime)
	if err != nil {
		return nil, err
	}
	return func(t *task) bool {
		return (p.Status == "" || p.Status == t.status) && (p.FileId == "" || p.FileId == t.fileID()) &&
			created(t.created) && ended(t.ended)
	}, nil
}

// taskTimes reads a time range of which the end is not part. A task whose time has not come is only in one without ends.
func taskTimes(name string, r *api.TimeRange) (has func(time.Time) bool, err error) {
	var p period
	if r != nil {
		err = cmp.Or(p.after(r.After), p.before(r.Before, false))
	}
	if err != nil {
		return nil, api.Refuse("InvalidParameterValue", "%s: %v", name, err)
	}
	return func(t time.Time) bool { return p == (period{}) || !t.IsZero() && p.has(t) }, nil
}

// fileID returns that of the file that a task is about, "" while there is none.
func (t *task) fileID() string {
	if t.media == nil {
		return ""
	}
	return t.media.id
}
