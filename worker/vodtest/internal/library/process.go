package library

import (
	"cmp"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A procedure is what is particular to a task flow.
type procedure struct {
	runs     []run
	notify   string // Finish, Change or None
	priority int64
	name     string // of the file, when the task was made
	url      string
}

// When a task flow makes events: at its end, when any part of it is over, or never.
const (
	notifyFinish = "Finish"
	notifyChange = "Change"
	notifyNone   = "None"
)

// ProcessMedia makes a task flow of what is asked for.
func (l *Library) ProcessMedia(p *api.ProcessMedia, now time.Time) (*api.ProcessMediaResponse, error) {
	err := cmp.Or(
		lacking("AiContentReviewTask", p.AiContentReviewTask != nil),
		lacking("AiAnalysisTask", p.AiAnalysisTask != nil),
		lacking("AiRecognitionTask", p.AiRecognitionTask != nil),
		lacking("Url in place of FileId", p.FileId == "" && p.Url != ""),
		lacking("OutputAsIndependentMedia", p.OutputAsIndependentMedia == "ON"),
	)
	if err != nil {
		return nil, err
	}
	if o := p.OutputAsIndependentMedia; o != "" && o != "OFF" {
		return nil, api.Refuse("InvalidParameterValue", "OutputAsIndependentMedia is %.60q; it must be ON or OFF", o)
	}
	jobs, err := jobsOf(p.MediaProcessTask)
	if err != nil {
		return nil, err
	}
	id, err := l.ask(p.FileId, p.MediaStoragePath, jobs,
		options{p.TasksPriority, p.TasksNotifyMode, p.SessionContext, p.SessionId}, now)
	if err != nil {
		return nil, err
	}
	return &api.ProcessMediaResponse{TaskId: id}, nil
}

// ProcessMediaByProcedure makes a task flow of what a procedure does.
func (l *Library) ProcessMediaByProcedure(
	p *api.ProcessMediaByProcedure, now time.Time) (*api.ProcessMediaByProcedureResponse, error) {
	jobs, err := l.procedureNamed(p.ProcedureName)
	if err != nil {
		return nil, err
	}
	id, err := l.ask(p.FileId, p.MediaStoragePath, jobs,
		options{p.TasksPriority, p.TasksNotifyMode, p.SessionContext, p.SessionId}, now)
	if err != nil {
		return nil, err
	}
	return &api.ProcessMediaByProcedureResponse{TaskId: id}, nil
}

// fileToProcess returns the file that a request names.
func (l *Library) fileToProcess(fileID, storagePath string) (*media, error) {
	if fileID == "" {
		return nil, cmp.Or(
			lacking("MediaStoragePath in place of FileId", storagePath != ""),
			api.Refuse("MissingParameter", "FileId is missing"),
		)
	}
	m := l.media[fileID]
	switch {
	case m == nil:
		return nil, api.Refuse("InvalidParameterValue.FileId", "there is no file %.60q in this application", fileID)
	case !m.hasOriginal():
		return nil, api.Refuse("InvalidParameterValue.FileId", "the original of file %.60q was deleted", fileID)
	}
	return m, nil
}

// options are what every request for a task flow can say.
type options struct {
	priority       int64
	notify         string
	sessionContext string
	sessionID      string
}

func (o *options) check() error {
	if o.notify == "" {
		o.notify = notifyFinish
	}
	switch {
	case !slices.Contains([]string{notifyFinish, notifyChange, notifyNone}, o.notify):
		return api.Refuse("InvalidParameterValue", "TasksNotifyMode is %.60q; it must be Finish, Change or None", o.notify)
	case o.priority < -10 || o.priority > 10:
		return api.Refuse("InvalidParameterValue", "TasksPriority is %d; it must be from -10 to 10", o.priority)
	}
	return checkContext(o.sessionID, o.sessionContext)
}

// ask makes a task flow, which is held, of jobs for the file that a request names.
func (l *Library) ask(fileID, storagePath string, jobs []job, o options, now time.Time) (taskID string, err error) {
	m, err := l.fileToProcess(fileID, storagePath)
	if err != nil {
		return "", err
	}
	if err := o.check(); err != nil {
		return "", err
	}
	if err := checkChanges(m, jobs, o); err != nil {
		return "", err
	}
	if err := l.sessions.use(o.sessionID, now); err != nil {
		return "", err
	}
	t := l.newFlow(m, jobs, o, now)
	l.held = append(l.held, t.id)
	return t.id, nil
}

// newFlow makes a task flow, which waits.
func (l *Library) newFlow(m *media, jobs []job, o options, now time.Time) *task {
	t := flowOf(m, jobs, o)
	for i := range jobs {
		t.steps = append(t.steps, func(now time.Time) { l.finishRun(t, i, now) })
	}
	l.add(t, now)
	m.basic.UpdateTime = format(now)
	return t
}

// flowOf returns a task flow that is not known yet, and has no steps.
func flowOf(m *media, jobs []job, o options) *task {
	p := &procedure{notify: o.notify, priority: o.priority, name: m.basic.Name, url: m.basic.MediaUrl}
	t := &task{kind: kindProcedure, media: m, sessionID: o.sessionID, sessionContext: o.sessionContext, procedure: p}
	type kindAndTemplate struct {
		kind     string
		template uint64
	}
	same := map[kindAndTemplate]int{}
	for _, j := range jobs {
		key := kindAndTemplate{j.kind(), j.template()}
		p.runs = append(p.runs, j.start(same[key]))
		same[key]++
	}
	return t
}

// Process does what a request for a task flow does, though all of it at once: with the transcoding template 10 (MP4-LD-FLU) and
// a cover. The file need not be known.
func (l *Library) Process(fileID, sessionContext string, now time.Time) (taskID string) {
	m := l.media[fileID]
	if m == nil {
		m = l.newMedia(fileID, "", now)
	}
	jobs := []job{transcode.job(10), cover.job(10)}
	t := l.newFlow(m, jobs, options{notify: notifyFinish, sessionContext: sessionContext}, now)
	l.begin(t, now, 0)
	return t.id
}

// finishRun finishes one part of a task flow, and tells of it if that was asked for.
func (l *Library) finishRun(t *task, i int, now time.Time) {
	p := t.procedure
	r := p.runs[i]
	r.finish(t.media, l.failureOf(r, t.media), now)
	if p.notify == notifyChange || p.notify == notifyFinish && t.status == finished {
		l.emit("ProcedureStateChanged", "ProcedureStateChangeEvent", t.media.id, t.procedureTask())
	}
}

// procedureTask returns the task flow as events and answers show it. A task flow, and its parts, have no status for waiting.
func (t *task) procedureTask() *api.ProcedureTask {
	p := t.procedure
	status := t.status
	if status == waiting {
		status = processing
	}
	shown := &api.ProcedureTask{
		TaskId: t.id, Status: status, FileId: t.media.id, FileName: p.name, FileUrl: p.url, MetaData: t.media.metaData,
		MediaProcessResultSet:    []api.MediaProcessTaskResult{},
		AiContentReviewResultSet: []api.Unfilled{}, AiAnalysisResultSet: []api.Unfilled{}, AiRecognitionResultSet: []api.Unfilled{},
		TasksPriority: p.priority, TasksNotifyMode: p.notify, SessionContext: t.sessionContext, SessionId: t.sessionID,
	}
	for _, r := range p.runs {
		shown.MediaProcessResultSet = append(shown.MediaProcessResultSet, r.result())
	}
	return shown
}
