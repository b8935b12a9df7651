package events

import (
	"strings"

	"github.com/tidwall/gjson"
)

// The 2.0 callbacks, which accounts from before 2019 may still get, are {"version":"4.0","eventType":…,"data":{…}}. Their
// names begin in lower case, and data is the payload.

// legacyType returns the type of an event in that format, and "" if content is in another one. As in read, of a key that
// is there twice the first that can be used counts.
func legacyType(content gjson.Result) (t Type) {
	if !content.IsObject() {
		return ""
	}
	version := false
	content.ForEach(func(key, value gjson.Result) bool {
		switch {
		case key.Str == "version":
			text := Text(value) // a number in one of VOD's samples
			version = version || text == "4.0" || text == "4"
		case key.Str == "eventType" && value.Type == gjson.String && t == "":
			t = Type(strings.Clone(value.Str))
		}
		return !version || t == ""
	})
	if !version {
		return ""
	}
	return t
}

// legacyFileIDs continue fileIDs with the names of that format.
var legacyFileIDs = []string{
	"fileId", "srcFileId", "input.fileId", "fileInfo.#.fileId", "fileInfo.fileId", "output.fileId",
}
