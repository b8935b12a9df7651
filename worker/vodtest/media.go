package vodtest

import (
	"fmt"
	"path"
	"strings"
)

// Upload does what uploading a video does: it queues a NewFileUpload, unless ModifyEventConfig has switched that
// event off. name is the file's name, such as "lighthouse.mp4". The FileId is new and often fits no int64.
func (e *Emulator) Upload(subAppID uint64, name string) (fileID string) {
	fileID = e.ids.file()
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	a.files[fileID], a.lastFile = name, fileID
	if a.settings.upload != "ON" {
		return fileID
	}
	payload := fmt.Sprintf(uploadPayload, quote(fileID), media(subAppID, fileID, name, "Upload"))
	e.put(a, eventContent("NewFileUpload", "FileUploadEvent", payload))
	return fileID
}

// Process does what processing a video with transcoding template 10 (MP4-LD-FLU) and a cover does, though at once:
// it queues a ProcedureStateChanged with the Status FINISH and both results. sessionContext is passed through to the
// event; it may be empty. fileID need not be known.
func (e *Emulator) Process(subAppID uint64, fileID, sessionContext string) (taskID string) {
	taskID = e.ids.task(subAppID, "Procedure")
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	name := a.files[fileID]
	base, _ := splitName(name)
	payload := fmt.Sprintf(procedurePayload, quote(taskID), quote(fileID), quote(base),
		quote(originalURL(subAppID, fileID, name)), quote(mediaURL(subAppID, fileID, "v.f10.mp4")),
		quote(mediaURL(subAppID, fileID, "cover.100_0.jpg")), timestamp(), quote(sessionContext))
	e.put(a, eventContent("ProcedureStateChanged", "ProcedureStateChangeEvent", payload))
	return taskID
}

// PullUpload does what pulling a video from a URL does, though at once and without looking there: it queues a
// PullComplete. The file is named after the last part of url. sessionContext is passed through to the event; it may
// be empty.
func (e *Emulator) PullUpload(subAppID uint64, url, sessionContext string) (fileID, taskID string) {
	fileID, taskID = e.ids.file(), e.ids.task(subAppID, "PullUpload")
	name, _, _ := strings.Cut(url, "?")
	name = path.Base(name)
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	a.files[fileID], a.lastFile = name, fileID
	payload := fmt.Sprintf(pullPayload, quote(taskID), quote(fileID), media(subAppID, fileID, name, "PullUpload"),
		quote(originalURL(subAppID, fileID, name)), quote(sessionContext))
	e.put(a, eventContent("PullComplete", "PullCompleteEvent", payload))
	return fileID, taskID
}

// Delete does what deleting a file does: it queues a FileDeleted if ModifyEventConfig has switched that event on.
// fileID need not be known.
func (e *Emulator) Delete(subAppID uint64, fileID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	delete(a.files, fileID)
	if a.settings.deletion != "ON" {
		return
	}
	e.put(a, eventContent("FileDeleted", "FileDeleteEvent", fmt.Sprintf(deletePayload, quote(fileID))))
}

// Persist does what keeping a live clip for good does: it queues a PersistenceComplete if ModifyEventConfig has
// switched that event on. fileID need not be known.
func (e *Emulator) Persist(subAppID uint64, fileID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	if a.settings.persisted != "ON" {
		return
	}
	e.put(a, eventContent("PersistenceComplete", "PersistenceCompleteEvent", fmt.Sprintf(persistPayload, quote(fileID))))
}
