package condition

import (
	"errors"
	"fmt"
	"strings"
)

// An Error says what is wrong with a part of a Condition, and what to write.
type Error struct {
	Key string // json, in, not_in, prefix or exists; empty: all of it
	Err error
}

func (e *Error) Error() string { return strings.TrimPrefix(e.Key+": "+e.Err.Error(), ": ") }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Validate fails with an [*Error] unless there is a path that can lead somewhere, and just one question.
func (c Condition) Validate() error {
	if err := validatePath(c.JSON); err != nil {
		return &Error{"json", err}
	}
	var asked []string
	for _, question := range []struct {
		key string
		is  bool
	}{{"in", c.In != nil}, {"not_in", c.NotIn != nil}, {"prefix", c.Prefix != ""}, {"exists", c.Exists != nil}} {
		if question.is {
			asked = append(asked, question.key)
		}
	}
	switch {
	case len(asked) == 0:
		return &Error{"", errors.New("it does not say what to look for; write one of in: [VALUE], not_in: [VALUE], prefix: TEXT, exists: true")}
	case len(asked) > 1:
		return &Error{asked[1], fmt.Errorf("%s is given too; keep one, since a condition asks one question", asked[0])}
	case asked[0] == "in" && len(c.In) == 0, asked[0] == "not_in" && len(c.NotIn) == 0:
		return &Error{asked[0], errors.New("the list is empty; write a value")}
	}
	return nil
}
