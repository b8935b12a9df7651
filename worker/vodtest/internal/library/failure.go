package library

import "strings"

// A Failure makes results of task flows fail, or pulls.
type Failure struct {
	Type       string // of the result, as the API calls it, or PullUpload; empty: any result of a task flow
	Definition uint64 // of the template; 0: any
	Code       string // the ErrCodeExt
}

// failureOf returns what makes a result fail, nil if nothing does so far.
func (l *Library) failureOf(r run, m *media) *Failure {
	for i := range l.rules.Failures {
		f := &l.rules.Failures[i]
		if (f.Type == "" || f.Type == r.kind()) && (f.Definition == 0 || f.Definition == r.template()) {
			return f
		}
	}
	switch {
	case !m.hasOriginal():
		return &Failure{Code: "SourceFileError"}
	case lacksPictures(m, r):
		return &Failure{Code: "SourceFileError.NoVideoMedia"}
	}
	return nil
}

// lacksPictures reports whether a result needs the pictures of a video, and the file is a sound or an image.
func lacksPictures(m *media, r run) bool {
	switch m.basic.Category {
	case video:
		return false
	case audio: // is good for what has no pictures either
		made, known := encodings[r.template()]
		return r.kind() != transcode.name || !known || made.codec != ""
	default:
		return true
	}
}

// failures are the ErrCodeExt that VOD documents (document 266/50368), and what they say.
var failures = []struct{ code, message string }{
	{"InvalidInput", "the input is not valid"},
	{"InvalidInput.InvalidTimeOffset", "the file has nothing at a point in time that was asked for"},
	{"InvalidInput.DefinitionNotExist", "there is no template with this number"},
	{"InvalidInput.ConfigurationUnsupported", "a parameter, or the template, has a value that is not valid"},
	{"InvalidInput.TaskDuplicated", "there is a task that does the same"},
	{"InvalidInput.PermissionDenied", "this needs a permission that was not applied for"},
	{"InvalidInput.ResultFileSizeTooLarge", "the result would be too large"},
	{"SourceFileError", "the file cannot be worked on"},
	{"SourceFileError.NoVideoMedia", "the file has no pictures"},
	{"SourceFileError.NoVideoResolution", "the file does not tell how large its pictures are"},
	{"SourceFileError.ContentMalformed", "the file is damaged, or is not there"},
	{"SourceFileError.ContentUnsupported", "the file has a format, a size or a duration that is not supported"},
	{"SourceFileError.DownloadNotAccessible", "the file could not be downloaded"},
	{"InternalError", "something went wrong inside, and may go well next time"},
}

// number returns the ErrCode that goes with the ErrCodeExt.
func (f *Failure) number() int64 {
	switch family(f.Code) {
	case "InvalidInput":
		return 40000
	case "SourceFileError":
		return 60000
	default:
		return 70000
	}
}

// message returns what the code says, or its family does, which is listed before it.
func (f *Failure) message() string {
	said := ""
	for _, known := range failures {
		if known.code == f.Code || known.code == family(f.Code) {
			said = known.message
		}
	}
	return said
}

func family(code string) string {
	first, _, _ := strings.Cut(code, ".")
	return first
}
