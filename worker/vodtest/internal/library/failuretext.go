package library

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseFailures reads failures as in Transcode:100020=InternalError,*=SourceFileError: which results fail, and with which
// ErrCodeExt. PullUpload, which has no template, stands for pulls. A code may be one that VOD does not document, as long as what
// is before its dot is.
func ParseFailures(text string) ([]Failure, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var all []Failure
	for part := range strings.SplitSeq(text, ",") {
		which, code, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, fmt.Errorf("failure %.60q: write TYPE=CODE or TYPE:DEFINITION=CODE, as in Transcode=SourceFileError", part)
		}
		f := Failure{Code: strings.TrimSpace(code)}
		name, number, numbered := strings.Cut(strings.TrimSpace(which), ":")
		if numbered {
			var err error
			if f.Definition, err = parseTemplate(number); err != nil {
				return nil, fmt.Errorf("failure %.60q: %w", part, err)
			}
		}
		if name != "*" {
			if kindNamed(name) == nil && (name != kindPullUpload || numbered) {
				return nil, fmt.Errorf("failure %.60q: there is no result of the type %.60q; there are %s, * for any of these, and %s, "+
					"which has no template", part, name, kindNames(), kindPullUpload)
			}
			f.Type = name
		}
		if !fails(f.Code) {
			return nil, fmt.Errorf("failure %.60q: there is no code %.60q; there are %s", part, f.Code, codes())
		}
		all = append(all, f)
	}
	return all, nil
}

// Format writes failures as [ParseFailures] reads them.
func Format(failures []Failure) string {
	parts := make([]string, len(failures))
	for i, f := range failures {
		which := f.Type
		if which == "" {
			which = "*"
		}
		if f.Definition != 0 {
			which += ":" + strconv.FormatUint(f.Definition, 10)
		}
		parts[i] = which + "=" + f.Code
	}
	return strings.Join(parts, ",")
}

// fails reports whether a result may fail with a code: one of a family that VOD documents, written as its codes are.
func fails(code string) bool {
	for i, word := range strings.Split(code, ".") {
		if word == "" || i > 1 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return false
		}
	}
	for _, known := range failures {
		if known.code == family(code) {
			return true
		}
	}
	return false
}

func codes() string {
	all := make([]string, len(failures))
	for i, known := range failures {
		all[i] = known.code
	}
	return strings.Join(all, ", ")
}
