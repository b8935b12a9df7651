package library

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A pull is what is particular to a file that is fetched.
type pull struct {
	asked     api.PullUpload
	name      string    // of the file, with its extension
	expires   time.Time // zero if it stays
	procedure []job     // to follow
	followUp  *task     // that does it
	failure   *Failure
	made      *api.MediaBasicInfo // as it was then
}

// PullUpload makes a task that fetches a file, which is there when the task is over. Nothing is fetched.
func (l *Library) PullUpload(p *api.PullUpload, now time.Time) (*api.PullUploadResponse, error) {
	asked := &pull{asked: *p}
	if err := l.checkPull(asked, now); err != nil {
		return nil, err
	}
	if err := l.sessions.use(p.SessionId, now); err != nil {
		return nil, err
	}
	t := l.newPull(asked, now)
	l.held = append(l.held, t.id)
	return &api.PullUploadResponse{TaskId: t.id}, nil
}

// Fetch does what [Library.PullUpload] does, though at once, and whatever the URL. The FileId is empty if the pull fails.
func (l *Library) Fetch(url, sessionContext string, now time.Time) (fileID, taskID string) {
	t := l.newPull(&pull{asked: api.PullUpload{SessionContext: sessionContext}, name: fetchedName(url)}, now)
	l.begin(t, now, 0)
	l.step(t)
	return t.fileID(), t.id
}

func (l *Library) newPull(p *pull, now time.Time) *task {
	t := &task{kind: kindPullUpload, sessionID: p.asked.SessionId, sessionContext: p.asked.SessionContext, pull: p}
	t.steps = []func(time.Time){func(now time.Time) { l.pulled(t, now) }}
	l.add(t, now)
	return t
}

// pulled makes the file, and begins what is to follow.
func (l *Library) pulled(t *task, now time.Time) {
	p := t.pull
	if p.failure = l.pullFailure(); p.failure != nil {
		l.emit("PullComplete", "PullCompleteEvent", "", t.pullTask())
		return
	}
	t.media = l.create(p.name, "Upload", p.asked.SourceContext, now)
	if l.tasks[t.id] == t { // it may have taken longer than tasks are known
		t.media.tasks = append(t.media.tasks, t)
	}
	basic := &t.media.basic
	setClass(basic, p.asked.ClassId)
	if p.asked.CoverUrl != "" {
		t.media.giveCover(p.asked.CoverUrl)
	}
	l.setExpiry(t.media, p.expires)
	if p.asked.StorageRegion != "" {
		basic.StorageRegion = p.asked.StorageRegion
	}
	made := *basic
	p.made = &made
	if p.procedure != nil {
		o := options{priority: p.asked.TasksPriority, notify: notifyFinish, sessionContext: t.sessionContext}
		p.followUp = l.newFlow(t.media, p.procedure, o, now)
	}
	l.emit("PullComplete", "PullCompleteEvent", t.media.id, t.pullTask())
	if p.followUp != nil {
		l.begin(p.followUp, now, l.rules.TaskTime)
	}
}

// pullFailure returns what makes pulls fail, nil if nothing does. What makes any result of a task flow fail does not.
func (l *Library) pullFailure() *Failure {
	i := slices.IndexFunc(l.rules.Failures, func(f Failure) bool { return f.Type == kindPullUpload })
	if i < 0 {
		return nil
	}
	return &l.rules.Failures[i]
}

// pullTask returns the task as events and answers show it.
func (t *task) pullTask() *api.PullUploadTask {
	p := t.pull
	shown := &api.PullUploadTask{
		TaskId: t.id, Status: processing, SessionContext: t.sessionContext, SessionId: t.sessionID, MediaBasicInfo: p.made,
	}
	if t.status == finished {
		shown.Status, shown.Message, shown.Progress = finished, "SUCCESS", 100
	}
	if p.failure != nil {
		shown.ErrCode, shown.Message = p.failure.number(), p.failure.message()
	}
	if t.media != nil {
		shown.FileId, shown.FileUrl, shown.MetaData = t.media.id, p.made.MediaUrl, t.media.metaData
	}
	if p.followUp != nil {
		shown.ProcedureTaskId = p.followUp.id
	}
	return shown
}
