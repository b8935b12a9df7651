package condition

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
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
	if err := c.validatePath(); err != nil {
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

func (c Condition) validatePath() error {
	path := c.JSON
	switch {
	case path == "":
		return errors.New("it is missing; write the path of a field, such as ProcedureStateChangeEvent.ErrCode")
	case strings.HasPrefix(path, "$"):
		return errors.New("this is JSONPath; write the names alone with dots between them, as gjson takes them")
	case strings.HasPrefix(path, "/"):
		return errors.New("this is a JSON Pointer; write the names with dots between them, as gjson takes them")
	case strings.HasPrefix(path, "."), strings.HasSuffix(path, "."), strings.Contains(path, ".."), strings.ContainsAny(path[:1], "!{["):
		return errors.New("it is no path of a field; write names with dots between them")
	case strings.HasSuffix(path, "|"), strings.HasSuffix(path, "@"):
		return errors.New("something is missing at its end; write the name of a field")
	case strings.Count(path, "(") != strings.Count(path, ")"):
		return errors.New(`a bracket is not closed; write for instance List.#(Name=="x").Field`)
	}
	for _, modifier := range modifiers(path) {
		if !gjson.ModifierExists(modifier, nil) {
			return fmt.Errorf("there is no @%s; write @fromstr for the JSON that is in a text", modifier)
		}
	}
	return nil
}

// modifiers returns the names behind each @ that begins a part of a path.
func modifiers(path string) (names []string) {
	for i := range len(path) {
		if path[i] != '@' || i > 0 && path[i-1] != '.' && path[i-1] != '|' {
			continue
		}
		name := path[i+1:]
		if end := strings.IndexAny(name, ".|:"); end >= 0 {
			name = name[:end]
		}
		names = append(names, name)
	}
	return names
}
