package content

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

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
		if err := may(t, value); err != nil {
			return &condition.Error{Key: fmt.Sprintf("%s[%d]", key, i), Err: err}
		}
	}
	return nil
}

// may fails if a value never stands where a type that is no text does.
func may(t reflect.Type, value string) error {
	if t.Kind() == reflect.Bool {
		if value != "true" && value != "false" {
			return errors.New("true or false stands there; write one of them")
		}
	} else if !gjson.Valid(value) || gjson.Parse(value).Type != gjson.Number {
		return errors.New("a number stands there; write one, such as 0")
	}
	return nil
}

// compared is asked of a query.
func compared(q condition.Query, t reflect.Type) error {
	value := strings.Trim(q.Value, `"`)
	switch {
	case strings.HasPrefix(value, "~"):
		return nil
	case t.Kind() == reflect.Struct:
		return fmt.Errorf("an object stands there; compare one of its fields, such as %s", sortedNames(fieldsOf(t))[0])
	case t.Kind() == reflect.Slice:
		return errors.New("a list stands there; write a query within the query, such as #(==\"x\")")
	case t.Kind() == reflect.String:
		return nil
	case strings.HasSuffix(q.Op, "%"):
		return errors.New("no text stands there, and a pattern is for texts; write ==")
	}
	return may(t, value)
}
