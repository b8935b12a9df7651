// Package condition tells JSON objects apart by one of their fields: which events a handler wants, and which answers of a
// receiver are success.
package condition

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// A Condition asks one question about the values at a path. Exactly one of In, NotIn, Prefix and Exists says which.
//
// The values are what stands at the path: one, none if it is absent or null, and of a list each element that is not null,
// and of lists in it, up to 8 deep in each other. What is deeper is no value.
type Condition struct {
	// JSON is the path, as in https://github.com/tidwall/gjson/blob/master/SYNTAX.md: names with dots between them, # for
	// each element of a list, #(A=="x") for the first one that is so, @fromstr for the JSON in a text, once. Required.
	JSON string `yaml:"json"`

	// In holds if one of the values is one of these. Texts, numbers, true and false are compared as they are written, the
	// number 0 with the text 0 too, and numbers also by what they are: 1.0 is 1.
	In []string `yaml:"in"`

	// NotIn holds if In would not: also if there is no value.
	NotIn []string `yaml:"not_in"`

	// Prefix holds if one of the values is a text that begins so.
	Prefix string `yaml:"prefix"`

	// Exists holds if there is a value; &false: if there is none.
	Exists *bool `yaml:"exists"`
}

// Object returns a text that is a JSON object, and an empty object for any other, in which nothing is found.
func Object(text []byte) []byte {
	if !isObject(text) {
		return []byte("{}")
	}
	return text
}

// All reports whether all of the conditions hold for what [Object] returns. None at all hold.
func All(conditions []Condition, object []byte) bool {
	return !slices.ContainsFunc(conditions, func(c Condition) bool { return !c.Holds(object) })
}

// isObject leaves what is nested thousands deep to encoding/json, which refuses it: gjson would need a stack as deep.
func isObject(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) && json.Valid(text)
}

// Holds answers the question about an object, which must be valid JSON. The Condition must be valid, too.
func (c Condition) Holds(object []byte) bool {
	switch {
	case len(c.In) > 0:
		return c.has(object, isOneOf(c.In))
	case len(c.NotIn) > 0:
		return !c.has(object, isOneOf(c.NotIn))
	case c.Exists != nil:
		return *c.Exists == c.Found(object)
	}
	return c.has(object, func(value gjson.Result) bool {
		return value.Type == gjson.String && strings.HasPrefix(value.Str, c.Prefix)
	})
}

// Found reports whether there is a value in an object, which must be valid JSON.
func (c Condition) Found(object []byte) bool {
	return c.has(object, func(gjson.Result) bool { return true })
}

func (c Condition) has(object []byte, is func(gjson.Result) bool) bool {
	return hasOne(gjson.GetBytes(object, c.JSON), maxLevels, is)
}

// maxLevels is how deep lists in each other are looked into. Each level is read once more, and a stranger may have sent thousands.
const maxLevels = 8

// hasOne reports whether a value that is not null, or one of a list's, is so.
func hasOne(value gjson.Result, levels int, is func(gjson.Result) bool) (found bool) {
	switch {
	case value.Type == gjson.Null: // or absent
		return false
	case !value.IsArray():
		return is(value)
	case levels == 0:
		return false
	}
	value.ForEach(func(_, element gjson.Result) bool {
		found = hasOne(element, levels-1, is)
		return !found
	})
	return found
}

func isOneOf(texts []string) func(gjson.Result) bool {
	return func(value gjson.Result) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return is(value, text) })
	}
}

func is(value gjson.Result, text string) bool {
	switch value.Type {
	case gjson.String:
		return value.Str == text
	case gjson.True, gjson.False:
		return value.Raw == text
	case gjson.Number:
		return value.Raw == text || sameNumber(value.Raw, text)
	}
	return false // an object
}

// sameNumber leaves long numbers alone: a float64 can't tell ids apart.
func sameNumber(a, b string) bool {
	const exact = 15                                         // digits, with a sign, a point and an exponent fewer
	if len(a) > exact || len(b) > exact || !gjson.Valid(b) { // 007 is a text
		return false
	}
	m, mErr := strconv.ParseFloat(a, 64)
	n, nErr := strconv.ParseFloat(b, 64)
	return mErr == nil && nErr == nil && m == n
}
