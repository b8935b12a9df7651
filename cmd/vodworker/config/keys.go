package config

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
	"github.com/vodworker/vodworker/events/condition"
)

// fieldsOf returns the fields of a struct by their keys, those of what is inlined too.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(t) {
		if name := nameOfField(field); name != "" {
			fields[name] = field
		}
	}
	return fields
}

// nameOfField returns the key of a field; "" if it has none.
func nameOfField(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// namesOf returns the keys of a struct in the order in which they are written.
func namesOf(t reflect.Type) (names []string) {
	for _, field := range reflect.VisibleFields(t) {
		if name := nameOfField(field); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// firstName returns the key of a struct that says most of it.
func firstName(t reflect.Type) string { return namesOf(t)[0] }

func join(key, name string) string { return strings.TrimPrefix(key+"."+name, ".") }

// unknown notes a key that does not exist, and the one that was meant: here if only its letters differ, else where there is
// such a key, else here if it is near.
func (d *decoder) unknown(found pair, in reflect.Type, key string) {
	if d.odd(found.key, key) {
		return
	}
	where := position(found.key)
	names := namesOf(in)
	advice := "the keys here are " + strings.Join(names, ", ")
	near, edits := nearestName(found.name, names)
	_, isAnchor := found.value.(*ast.AnchorNode)
	switch places := elsewhere(found.name, key); {
	case edits == 0:
		advice = `it is written "` + near + `"`
	case edits == 1 && len(near) >= minSlip:
		advice = `the nearest is "` + near + `"`
	case len(places) > 0 && in != reflect.TypeFor[condition.Condition](): // whose keys mean nothing elsewhere
		advice = "it belongs under " + strings.Join(places, " or ")
	case key == "" && isAnchor:
		advice = "a key that is there for its anchor begins with x-"
	case edits <= 2 && edits*2 <= len(near):
		advice = `the nearest is "` + near + `"`
	}
	what, shown := "unknown key", "…"
	if name := d.keyAt(where.Line, where.Column); name != "" {
		what, shown = what+" "+quoted(name), name+": …"
	}
	err := d.newError(where.Line, where.Column, shown, "%s; %s", what, advice)
	err.key = key
	d.add(err)
}

// keyAt returns the key that stands at a place, if it looks like one: else it may be a secret that no key was written for.
func (s *source) keyAt(line, column int) string {
	if found := plainKey.FindStringSubmatch(s.rest(line, column)); found != nil {
		return found[1]
	}
	return ""
}

var plainKey = regexp.MustCompile(`^["']?([A-Za-z_-]+)["']?\s*:`)

// minSlip is the length from which a key with one wrong letter is a slip, though there may be a key of just that name elsewhere.
// In a shorter one a letter makes another word.
const minSlip = 8

// nearestName returns the name that is the fewest edits away, regardless of case, hyphens and underscores.
func nearestName(name string, names []string) (near string, edits int) {
	plain := func(name string) string { return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name)) }
	by := func(a string) int { return nearest.Distance(plain(name), plain(a)) }
	near = slices.MinFunc(names, func(a, b string) int { return by(a) - by(b) })
	return near, by(near)
}

// elsewhere returns the keys under which a name is known, in words for people: only those below the key in, if there are any.
func elsewhere(name, in string) []string {
	in = indexes.ReplaceAllString(in, "")
	all := placesOf(reflect.TypeFor[Config](), name, "")
	below := slices.DeleteFunc(slices.Clone(all), func(place string) bool { return !strings.HasPrefix(place, in+".") })
	if in != "" && len(below) > 0 {
		all = below
	}
	all = slices.DeleteFunc(all, func(place string) bool { return place == "" || place == in })
	return all[:min(len(all), 3)]
}

// groupsIn returns the names of the keys that hold keys.
func groupsIn(t reflect.Type, name string) map[string]bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return groupsIn(t.Elem(), name)
	case reflect.Struct:
		found := map[string]bool{name: true}
		for below, field := range fieldsOf(t) {
			maps.Copy(found, groupsIn(field.Type, below))
		}
		return found
	case reflect.Map:
		return map[string]bool{name: true}
	}
	return nil
}

// isKey reports whether there is a key of a name anywhere.
func isKey(name string) bool { return len(placesOf(reflect.TypeFor[Config](), name, "")) > 0 }

func placesOf(t reflect.Type, name, at string) (all []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return placesOf(t.Elem(), name, at)
	case reflect.Struct:
		fields := fieldsOf(t)
		if _, is := fields[name]; is {
			all = append(all, at)
		}
		for _, below := range namesOf(t) {
			all = append(all, placesOf(fields[below].Type, name, join(at, below))...)
		}
	}
	return all
}
