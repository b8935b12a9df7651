package vodtest

import (
	"slices"

	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

// A Failure makes results of task flows fail, as VOD's do: the task itself finishes, and says so in its results. With the Type
// PullUpload it makes pulls fail, which have no template: then there is no file.
//
//	Failure{Type: "Transcode", Definition: 10, Code: "SourceFileError.NoVideoMedia"}
//
// [ParseFailures] reads the same from text.
type Failure struct {
	Type       string // of the result, such as CoverBySnapshot, or PullUpload; empty: any but PullUpload
	Definition uint64 // of the template; 0: any
	Code       string // the ErrCodeExt, of a family that VOD documents: InvalidInput, SourceFileError, InternalError
}

// String returns the failure in the form that [ParseFailures] reads.
func (f Failure) String() string { return library.Format([]library.Failure{library.Failure(f)}) }

// ParseFailures reads failures from text: TYPE[:DEFINITION]=CODE, separated by commas. TYPE may be * for any but PullUpload, which
// has no DEFINITION. No text is no failure.
//
//	Transcode:10=SourceFileError.NoVideoMedia,CoverBySnapshot=InternalError,*=InvalidInput,PullUpload=SourceFileError
func ParseFailures(text string) ([]Failure, error) {
	parsed, err := library.ParseFailures(text)
	if err != nil {
		return nil, err
	}
	failures := make([]Failure, len(parsed))
	for i, f := range parsed {
		failures[i] = Failure(f)
	}
	return failures, nil
}

// FailResults makes results fail from now on, those of all applications. Of several failures that fit a result the first one
// counts. It replaces what was said before; without failures all goes well again. It panics if a failure is none that
// [ParseFailures] would read.
func (e *Emulator) FailResults(failures ...Failure) {
	rules := make([]library.Failure, len(failures))
	for i, f := range failures {
		if read, err := ParseFailures(f.String()); err != nil {
			panic("vodtest: " + err.Error())
		} else if !slices.Equal(read, []Failure{f}) {
			panic("vodtest: the Failure " + f.String() + " is read as another one")
		}
		rules[i] = library.Failure(f)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rules.Failures = rules
}

// Failures returns the failures of the last [Emulator.FailResults], in the form that [ParseFailures] reads; "" if there are none.
func (e *Emulator) Failures() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return library.Format(e.rules.Failures)
}
