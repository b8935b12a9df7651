package sink

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

// Widths of the columns. A value that is wider pushes the rest of its line to the right.
const (
	typeWidth     = 22 // ProcedureStateChanged
	templateWidth = 15 // template 100010
	statusWidth   = 10 // PROCESSING
)

// renderText looks single fields up instead of decoding, so that nothing VOD may send can make it fail: what is not
// there, or not what it should be, is left out.
func renderText(e events.Event) []byte {
	payload := payload(e)
	head := []string{pad(known(string(e.Type), "(no type)"), typeWidth)}
	if e.SubAppID != 0 {
		head = append(head, "app "+strconv.FormatUint(e.SubAppID, 10))
	}
	head = append(head, labelled("file", e.FileID()))
	if more := len(payload.Get("FileIdSet").Array()) - 1; more > 0 {
		head = append(head, fmt.Sprintf("+%d more", more))
	}
	head = append(head, upload(e, payload)...)
	head = append(head, labelled("task", e.TaskID()), labelled("status", e.Status()), failure(payload))
	head = append(head, urls(payload.Get("Output"))...)

	out := appendLine(nil, head)
	payload.ForEach(func(key, set gjson.Result) bool {
		if !set.IsArray() || !strings.HasSuffix(key.Str, "Set") {
			return true
		}
		set.ForEach(func(_, result gjson.Result) bool {
			if result.IsObject() {
				out = appendLine(out, resultLine(key.Str, result))
			}
			return true
		})
		return true
	})
	return out
}

// payload returns the object that carries what the event says, or nothing.
func payload(e events.Event) gjson.Result {
	raw, err := events.As[json.RawMessage](e)
	if err != nil {
		return gjson.Result{}
	}
	return gjson.ParseBytes(*raw)
}

// upload returns what an uploader recognises a file by.
func upload(e events.Event, payload gjson.Result) []string {
	if e.Type != events.NewFileUpload {
		return nil
	}
	var fields []string
	if name := events.Text(payload.Get("MediaBasicInfo.Name")); name != "" {
		fields = append(fields, quote(name))
	}
	meta := payload.Get("MetaData")
	return append(fields, seconds(meta.Get("Duration")), bytesize(meta.Get("Size")))
}

// resultLine describes one element of a set such as MediaProcessResultSet. Most have a Type and, under one more key
// (TranscodeTask for Transcode), what became of it; others say it themselves.
func resultLine(set string, result gjson.Result) []string {
	kind := events.Text(result.Get("Type"))
	if kind == "" {
		kind = events.Text(result.Get("TaskType"))
	}
	task := result
	result.ForEach(func(key, value gjson.Result) bool {
		if !value.IsObject() || !strings.HasSuffix(key.Str, "Task") {
			return true
		}
		task = value
		if kind == "" {
			kind = strings.TrimSuffix(key.Str, "Task")
		}
		return false
	})
	if kind == "" {
		kind = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(set, "Set"), "Result"), "Task")
	}
	template := ""
	for _, path := range []string{"Input.Definition", "Output.Definition", "Definition"} {
		if template == "" {
			template = events.Text(task.Get(path))
		}
	}
	line := []string{
		"  " + pad(known(kind, "?"), typeWidth-2),
		pad(labelled("template", template), templateWidth),
		pad(show(events.Text(task.Get("Status"))), statusWidth),
		failure(task),
	}
	return append(line, urls(task)...)
}

// failure returns the error codes and the message of a task that has any. VOD says success by 0, by nothing, and by
// the word.
func failure(task gjson.Result) string {
	var says []string
	for _, key := range []string{"ErrCode", "ErrCodeExt"} {
		if code := events.Text(task.Get(key)); code != "0" && !fine(code) {
			says = append(says, show(code))
		}
	}
	if len(says) == 0 && events.Text(task.Get("Status")) != "FAIL" {
		return ""
	}
	if message := events.Text(task.Get("Message")); !fine(message) {
		says = append(says, quote(message))
	}
	if len(says) == 0 {
		return ""
	}
	return "error " + strings.Join(says, " ")
}

func fine(code string) bool { return code == "" || strings.EqualFold(code, "SUCCESS") }

const (
	maxURLs  = 4 // on one line; an image sprite or a review can have hundreds
	maxDepth = 8 // of what is searched for URLs; the deepest documented one is at 5
)

// urls returns the URLs of what a task made, the first few in full.
func urls(task gjson.Result) []string {
	var found []string
	collectURLs(&found, "", task, maxDepth)
	if more := len(found) - maxURLs; more > 0 {
		found = append(found[:maxURLs], fmt.Sprintf("+%d more", more))
	}
	return found
}

func collectURLs(found *[]string, key string, value gjson.Result, depth int) {
	switch {
	case depth == 0 || key == "Input":
	case value.IsObject():
		value.ForEach(func(key, member gjson.Result) bool {
			collectURLs(found, key.Str, member, depth-1)
			return true
		})
	case value.IsArray():
		value.ForEach(func(_, element gjson.Result) bool {
			collectURLs(found, key, element, depth-1)
			return true
		})
	case value.Type == gjson.String && value.Str != "":
		if strings.HasSuffix(key, "Url") || strings.HasSuffix(key, "UrlSet") {
			*found = append(*found, show(value.Str))
		}
	}
}
