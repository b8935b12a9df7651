package param

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxDepth is more than any parameter of VOD's has.
const maxDepth = 8

// FromForm reads flattened parameters.
func FromForm(values url.Values) (Object, error) {
	root := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(values)) { // a before a.b
		path := strings.Split(name, ".")
		if len(path) > maxDepth {
			return nil, invalid("%s has too many parts", short(name))
		}
		last := len(path) - 1
		object := root
		for _, part := range path[:last] {
			if object[part] == nil {
				object[part] = map[string]any{}
			}
			child, ok := object[part].(map[string]any)
			if !ok {
				return nil, invalid("%s is part of what is a value", short(name))
			}
			object = child
		}
		if len(values[name]) != 1 {
			return nil, invalid("%s is given more than once", short(name))
		}
		object[path[last]] = text(values.Get(name))
	}
	for name, value := range root {
		root[name] = withLists(value)
	}
	return root, nil
}

// withLists makes a list of each object whose members are numbers, in their order: a number that is left out leaves no hole.
func withLists(value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	isList := true
	for name, child := range object {
		object[name] = withLists(child)
		isList = isList && isIndex(name)
	}
	if !isList {
		return object
	}
	list := make([]any, 0, len(object))
	for _, name := range slices.SortedFunc(maps.Keys(object), byValue) {
		list = append(list, object[name])
	}
	return list
}

// isIndex tells whether a name is a number as one writes it: 01 and +1 would be in the place of 1.
func isIndex(name string) bool {
	n, err := strconv.ParseUint(name, 10, 64)
	return err == nil && strconv.FormatUint(n, 10) == name
}

// byValue compares two numbers of which none begins with a zero.
func byValue(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
