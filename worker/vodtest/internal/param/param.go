// Package param reads the parameters of requests, which come as JSON, or flattened in a query or a form, into structs.
package param

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// An Object is the parameters of one request, by their names. Its values are those of encoding/json, with json.Number for
// numbers, and a text where nobody knows whether it is a string or a number.
type Object map[string]any

// A text is a value that came flattened.
type text string

// FromJSON reads the body of a request. An empty one, and null, has no parameters.
func FromJSON(body []byte) (Object, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	switch err := decoder.Decode(&value); {
	case errors.Is(err, io.EOF):
		return Object{}, nil
	case err != nil:
		return nil, invalid("the body must be one JSON object: %v", err)
	}
	object, ok := value.(map[string]any)
	if value == nil {
		object, ok = Object{}, true
	}
	if _, err := decoder.Token(); !ok || !errors.Is(err, io.EOF) {
		return nil, invalid("the body must be one JSON object, and nothing else")
	}
	return object, nil
}

// FromQuery reads flattened parameters, as in FileIds.0=…&Sort.Field=….
func FromQuery(query string) (Object, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, invalid("the query cannot be read: %v", err)
	}
	return FromForm(values)
}

func invalid(format string, args ...any) error {
	return api.Refuse("InvalidParameter", format, args...)
}
