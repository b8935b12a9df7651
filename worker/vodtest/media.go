package vodtest

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
	"github.com/vodworker/vodworker/worker/vodtest/internal/storage"
)

// Upload does what uploading a video does: it queues a NewFileUpload, unless ModifyEventConfig has switched that
// event off. name is the file's name, such as "lighthouse.mp4". The FileId is new and often fits no int64.
func (e *Emulator) Upload(subAppID uint64, name string) (fileID string) {
	e.withMedia(subAppID, func(l *library.Library, now time.Time) { fileID = l.Upload(name, now) })
	return fileID
}

// Process does what ProcessMedia does with transcoding template 10 (MP4-LD-FLU) and a cover, though at once:
// it queues a ProcedureStateChanged with the Status FINISH and both results. sessionContext is passed through to the
// event as it is, also one that ProcessMedia refuses for its length; it may be empty. fileID need not be known.
func (e *Emulator) Process(subAppID uint64, fileID, sessionContext string) (taskID string) {
	e.withMedia(subAppID, func(l *library.Library, now time.Time) { taskID = l.Process(fileID, sessionContext, now) })
	return taskID
}

// PullUpload does what pulling a video from a URL does, though at once and without looking there: it queues a
// PullComplete. The file is named after the last part of url. sessionContext is passed through to the event; it may
// be empty. If a [Failure] of the Type PullUpload meets it, the event says so, and fileID is "".
func (e *Emulator) PullUpload(subAppID uint64, url, sessionContext string) (fileID, taskID string) {
	e.withMedia(subAppID, func(l *library.Library, now time.Time) { fileID, taskID = l.Fetch(url, sessionContext, now) })
	return fileID, taskID
}

// Delete does what deleting a file does: it queues a FileDeleted if ModifyEventConfig has switched that event on.
// fileID need not be known.
func (e *Emulator) Delete(subAppID uint64, fileID string) {
	e.withMedia(subAppID, func(l *library.Library, now time.Time) { l.Delete(fileID, now) })
}

// Persist does what keeping a live clip for good does: it queues a PersistenceComplete if ModifyEventConfig has
// switched that event on. fileID need not be known.
func (e *Emulator) Persist(subAppID uint64, fileID string) {
	e.withMedia(subAppID, func(l *library.Library, _ time.Time) { l.Persist(fileID) })
}

// allow makes a key that files may be uploaded with. The lock must be held.
func (e *Emulator) allow(bucket, region string, keys []string, ends time.Time) api.TempCertificate {
	k := e.ids.key()
	ends = ends.Add(e.skew) // it ends by keyTime, as other keys do
	e.storage.Grant(storage.Grant{
		SecretID: k.SecretID, SecretKey: k.SecretKey, Token: k.Token, Bucket: bucket, Region: region, Keys: keys, Ends: ends,
	})
	return api.TempCertificate{SecretId: k.SecretID, SecretKey: k.SecretKey, Token: k.Token, ExpiredTime: uint64(ends.Unix())}
}

// withMedia does something to the media of an application.
func (e *Emulator) withMedia(subAppID uint64, do func(l *library.Library, now time.Time)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, now := e.app(subAppID), e.now()
	e.catchUp(a, now)
	do(a.library, now)
	e.catchUp(a, now)
}

// inLibrary answers a call about media: the members of what do returns. Tasks that it makes begin when the call is over.
func (e *Emulator) inLibrary(call *ongoing, do func(l *library.Library, now time.Time) (any, error)) (members []byte, err error) {
	e.withMedia(call.SubAppID, func(l *library.Library, now time.Time) {
		var answer any
		if answer, err = do(l, now); err != nil {
			return
		}
		if members, err = json.Marshal(answer); err != nil { // while nothing changes what it refers to
			return
		}
		members = bytes.TrimSuffix(bytes.TrimPrefix(members, []byte("{")), []byte("}"))
		if held := l.Held(); held != nil {
			call.after = func() { e.withMedia(call.SubAppID, func(l *library.Library, now time.Time) { l.Start(held, now) }) }
		}
	})
	return members, err
}

// catchUp does what was due until now, and queues the events that there are. The lock must be held.
func (e *Emulator) catchUp(a *app, now time.Time) {
	for _, event := range a.library.Advance(now) {
		if !a.settings.hears(event.Type) {
			continue
		}
		e.put(a, event.Content)
		a.library.NoteEvent(event.FileID, library.EventRef{Number: a.queue.count.Sent, Type: event.Type})
	}
	e.wakeForTasks(a)
}

// wakeForTasks makes the emulator catch up when a task is next due. The lock must be held.
func (e *Emulator) wakeForTasks(a *app) {
	if next, ok := a.library.Next(); ok && e.ctx.Err() == nil {
		a.tasks.Set(next)
	} else {
		a.tasks.Stop()
	}
}
