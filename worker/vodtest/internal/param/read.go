package param

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// Read sets the fields of a struct of package api to parameters of the same names. What is not given, or null, stays as it is.
// A parameter that the struct has no field for is refused: a misspelt SubAppId would ask another application. So is one of
// another type, and a struct without what it requires. Errors are [*api.Error], and name the parameter with its path.
func (o Object) Read(into any) error { return readStruct("", o, reflect.ValueOf(into).Elem()) }

func readStruct(path string, object map[string]any, into reflect.Value) error {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field := into.FieldByName(name)
		if !field.IsValid() {
			return api.Refuse("UnknownParameter", "there is no parameter %q here; there are %s",
				short(path+name), strings.Join(names(into.Type()), ", "))
		}
		if object[name] == nil {
			continue
		}
		if err := readValue(path+name, object[name], field); err != nil {
			return err
		}
	}
	for i := range into.NumField() {
		field := into.Type().Field(i)
		if field.Tag.Get("api") == "required" && object[field.Name] == nil {
			return api.Refuse("MissingParameter", "%s is missing", path+field.Name)
		}
	}
	return nil
}

func readValue(path string, value any, into reflect.Value) error {
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return readValue(path, value, into.Elem())
	case reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return wrongType(path, "an object")
		}
		return readStruct(path+".", object, into)
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return wrongType(path, "a list")
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for i, element := range list {
			if err := readValue(path+"."+strconv.Itoa(i), element, into.Index(i)); err != nil {
				return err
			}
		}
		return nil
	default:
		return readScalar(path, value, into)
	}
}

func readScalar(path string, value any, into reflect.Value) error {
	var asString, asNumber string
	var isString bool
	switch value := value.(type) {
	case string:
		asString, isString = value, true
	case json.Number:
		asNumber = value.String()
	case text:
		asString, asNumber, isString = string(value), string(value), true
	}
	switch into.Kind() {
	case reflect.String:
		if !isString {
			return wrongType(path, "a string")
		}
		into.SetString(asString)
	case reflect.Int64:
		n, err := strconv.ParseInt(asNumber, 10, 64)
		if err != nil {
			return wrongType(path, "an integer")
		}
		into.SetInt(n)
	case reflect.Uint64:
		n, err := strconv.ParseUint(asNumber, 10, 64)
		if err != nil {
			return wrongType(path, "an integer, not negative")
		}
		into.SetUint(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(asNumber, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return wrongType(path, "a number")
		}
		into.SetFloat(n)
	default:
		panic("param: a field of the type " + into.Type().String())
	}
	return nil
}

func wrongType(path, want string) error { return invalid("%s must be %s", path, want) }

func names(kind reflect.Type) []string {
	all := make([]string, kind.NumField())
	for i := range all {
		all[i] = kind.Field(i).Name
	}
	return all
}

// short cuts what a client has sent.
func short(path string) string {
	const most = 100
	if len(path) > most {
		return strings.ToValidUTF8(path[:most], "") + "…"
	}
	return path
}
