package api

import "fmt"

// An Error is the Error of an answer.
type Error struct {
	Code    string // such as ResourceNotFound
	Message string // for people
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Refuse returns an [*Error] with a message as fmt.Sprintf makes it.
func Refuse(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
