package say

import (
	"errors"

	"github.com/rs/zerolog"
)

// Failure puts an error into a line, and the RequestId of the call that failed if it has one.
func Failure(line *zerolog.Event, err error) *zerolog.Event {
	line = line.Err(err)
	if id := Request(err); id != "" {
		line = line.Str("request_id", id)
	}
	return line
}

// Request returns the RequestId of a failed call, which its error does not print: errors that are alike print alike. It is
// empty if the error is none of a call, or if no answer came.
func Request(err error) string {
	if call, ok := errors.AsType[interface {
		error
		Request() string
	}](err); ok {
		return call.Request()
	}
	return ""
}
