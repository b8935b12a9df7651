package events

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// fileIDs are the places where payloads name a file, the file that the event is about before those that were
// made from it. A # stands for each element of a list: one that was given by URL names no file, the next one may.
var fileIDs = []string{
	"FileId", "Input.FileId", "InputInfo.FileId", "SrcFileId",
	"Input.FileInfoSet.#.FileId", "Input.FileInfos.#.FileId",
	"FileInfoSet.#.Input.FileId", "FileInfoSet.#.FileId", "FileIdSet",
	"Output.FileId", "Output.FileInfos.#.FileId", "SubTaskSet.#.Output.OutputFiles.#.FileId",
}

var allFileIDs = slices.Concat(fileIDs, legacyFileIDs)

// FileID returns the id of the file that the event is about: its input, or what it made if it had no input. Of
// several files it returns the first. It is empty if the payload names none. An id is opaque: it does not always
// fit an int64.
func (e Event) FileID() string {
	payload := e.payload()
	for _, path := range allFileIDs {
		for _, list := range payload.Get(path).Array() { // each # is one more level of list
			for _, id := range list.Array() {
				if id := Text(id); id != "" {
					return strings.Clone(id)
				}
			}
		}
	}
	return ""
}

// TaskID returns the payload's TaskId, or "" for events that no task caused.
func (e Event) TaskID() string { return e.field("TaskId", "vodTaskId") }

// Status returns the payload's Status: PROCESSING and FINISH for most types. FINISH says that the task is over,
// not that it went well: the payload's ErrCode, ErrCodeExt and the status of each result say that. In the 2.0 format it
// is a number for all types but ProcedureStateChanged: an error code, 0 for success.
func (e Event) Status() string { return e.field("Status", "status") }

// SessionContext returns what the caller who started the task gave as SessionContext, at most 1,000 characters.
func (e Event) SessionContext() string { return e.field("SessionContext", "sessionContext") }

// SourceContext returns what an upload or a pull was given as SourceContext; SessionContext is that of a task.
func (e Event) SourceContext() string {
	return e.field("MediaBasicInfo.SourceInfo.SourceContext", "sourceContext")
}

// field returns a field of the payload by its name, or by the one that it has in the 2.0 format. Of an event that has its payload
// twice, which VOD does not send, it may be the second one's.
func (e Event) field(name, legacy string) string {
	if key := e.Type.PayloadKey(); key != "" {
		// It stands in front mostly: to look for the payload's end, as payload does, would take ten times as long.
		if found := Text(gjson.GetBytes(e.Raw, key+"."+name)); found != "" {
			return found
		}
	}
	payload := e.payload()
	if found := Text(payload.Get(name)); found != "" {
		return strings.Clone(found)
	}
	return strings.Clone(Text(payload.Get(legacy)))
}

// envelope are the keys of an EventContent that are no payload, whatever they hold.
var envelope = append([]string{"EventHandle", "EventType"}, signature...)

// payload returns the object that carries what the event says; see parse. VOD's pages name the key of some types in two ways,
// so if the known key is absent, the only object that is there is the payload.
func (e Event) payload() gjson.Result {
	if key := e.Type.PayloadKey(); key != "" {
		if payload := parse(e.Raw).Get(key); payload.IsObject() {
			return payload
		}
	}
	content := parse(e.Raw)
	if !content.IsObject() {
		return gjson.Result{}
	}
	var only gjson.Result
	objects := 0
	content.ForEach(func(key, value gjson.Result) bool {
		if value.IsObject() && !slices.Contains(envelope, key.Str) {
			only = value
			objects++
		}
		return true
	})
	if objects != 1 {
		return gjson.Result{}
	}
	return only
}

// Text returns a string, or a number with the digits that it was sent with: ids exceed what a float64 holds. It is ""
// for everything else.
func Text(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return r.Str
	case gjson.Number:
		return r.Raw
	default:
		return ""
	}
}
