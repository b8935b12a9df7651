package content

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events/condition"
)

// asked fails if what a condition asks can't be so at the end of its path, which is of type t.
func asked(c condition.Condition, t reflect.Type) error {
	for t.Kind() == reflect.Slice { // asked of each of its elements
		t = plain(t.Elem())
	}
	key, values := "in", c.In
	switch {
	case c.Exists != nil:
		return nil
	case c.Prefix != "":
		key, values = "prefix", nil
	case c.NotIn != nil:
		key, values = "not_in", c.NotIn
	}
	switch {
	case t.Kind() == reflect.Struct:
		return &condition.Error{Key: "json", Err: fmt.Errorf("an object stands there, and %s compares none; write the name of one of its fields "+
			"behind it, such as %s", key, sortedNames(fieldsOf(t))[0])}
	case t.Kind() == reflect.String:
		return nil
	case key == "prefix":
		return &condition.Error{Key: key, Err: errors.New("no text stands there, so nothing begins so; write in")}
	}
	for i, value := range values {
		if t.Kind() == reflect.Bool && value != "true" && value != "false" {
			return &condition.Error{Key: fmt.Sprintf("%s[%d]", key, i), Err: errors.New("true or false stands there; write one of them")}
		}
		if t.Kind() != reflect.Bool && (!gjson.Valid(value) || gjson.Parse(value).Type != gjson.Number) {
			return &condition.Error{Key: fmt.Sprintf("%s[%d]", key, i), Err: errors.New("a number stands there; write one, such as 0")}
		}
	}
	return nil
}
