package config

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"

	"github.com/goccy/go-yaml/ast"
)

// A decoder puts a parsed file into a Config, and notes where each key stands. It knows what a library can't: which keys there
// are elsewhere, what a key is for, and what may be shown of its value.
type decoder struct {
	*source
	anchors map[string]ast.Node
	open    map[any]bool // the nodes around the node that is looked at: an alias to one of them leads in a circle
	merges  int          // keys that << has merged
	lookup  func(string) (string, bool)
}

// value puts a node into v, which the key names.
func (d *decoder) value(node ast.Node, v reflect.Value, key string) {
	target := d.resolve(node)
	if target == nil {
		return
	}
	if text, is := v.Addr().Interface().(encoding.TextUnmarshaler); is {
		if plain, ok := d.text(target, key); ok {
			if err := text.UnmarshalText([]byte(plain)); err != nil {
				d.wrong(target, key, plain, err)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if target.Type() == ast.NullType && v.Type().Elem().Kind() == reflect.Struct {
			d.note(key, "%s has nothing behind it; write %s", key, d.something(v.Type().Elem(), key))
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		d.value(target, v.Elem(), key)
	case reflect.Struct:
		d.mapping(target, v, key)
	case reflect.Map:
		d.texts(target, v, key)
	case reflect.Slice:
		d.list(target, v, key)
	default:
		d.scalar(target, v, key)
	}
}

// mapping puts the keys of a node into the fields of a struct.
func (d *decoder) mapping(node ast.Node, v reflect.Value, key string) {
	pairs, is := node.(ast.MapNode)
	if !is {
		if node.Type() != ast.NullType || lastName(key) == "handlers" { // all under a key may be commented out
			d.notKeys(node, firstName(v.Type()), key)
		}
		return
	}
	known := fieldsOf(v.Type())
	for _, pair := range d.pairs(pairs) {
		if key == "" && isForAnchors(pair.name) {
			continue
		}
		at := join(key, pair.name)
		field, is := known[pair.name]
		if !is {
			d.unknown(pair, v.Type(), key)
			continue
		}
		d.spots[at] = pair.spot
		d.value(pair.value, v.FieldByIndex(field.Index), at)
	}
}

// texts puts the keys of a node, whatever they are, into a map of texts.
func (d *decoder) texts(node ast.Node, v reflect.Value, key string) {
	pairs, is := node.(ast.MapNode)
	if !is {
		if node.Type() != ast.NullType {
			d.notKeys(node, "NAME", key)
		}
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, pair := range d.pairs(pairs) {
		if d.odd(pair.key, key) {
			continue
		}
		if !anyName.MatchString(pair.name) { // it may be a secret, glued to its key
			d.at(pair.key, "this is no name; write NAME: VALUE, with a space behind the colon")
			continue
		}
		at, text := join(key, pair.name), reflect.New(v.Type().Elem()).Elem()
		d.spots[at] = pair.spot
		d.value(pair.value, text, at)
		v.SetMapIndex(reflect.ValueOf(pair.name), text)
	}
}

var anyName = regexp.MustCompile(`^[A-Za-z][\w.-]*$`)

// list puts the entries of a node into a slice. A single value stands for a list of one.
func (d *decoder) list(node ast.Node, v reflect.Value, key string) {
	element := v.Type().Elem()
	var entries []ast.Node
	_, isMapping := node.(ast.MapNode)
	switch n := node.(type) {
	case *ast.SequenceNode:
		entries = n.Values
	case *ast.NullNode:
		if element.Kind() == reflect.Struct { // all of them may be commented out
			return
		}
		d.bad(key, "nothing stands behind it; write [] for an empty list, or take the key out")
		return
	default:
		if isMapping && element.Kind() == reflect.Struct && d.isNamed(node.(ast.MapNode), element) {
			d.bad(key, "it is a list; write \"- name: NAME\" for each, and the rest of its keys below")
			return
		}
		if !isMapping && lastName(key) == "command" && hasSpace(written(node)) {
			d.bad(key, "there is no shell; write the program and each argument as an entry, such as [./on-event.sh, --verbose]")
			return
		}
		entries = []ast.Node{node}
	}
	all := reflect.MakeSlice(v.Type(), len(entries), len(entries))
	for i, entry := range entries {
		at := fmt.Sprintf("%s[%d]", key, i)
		d.spots[at] = spot{value: entry}
		d.value(entry, all.Index(i), at)
	}
	v.Set(all)
}

// something says what to write behind a key that has nothing behind it.
func (d *decoder) something(of reflect.Type, key string) string {
	if name := lastName(key); name == "stdout" { // all that it takes has a default
		return name + ": {}"
	}
	return lastName(key) + ": {" + firstName(of) + ": VALUE}, or take the key out"
}

// isNamed reports whether a mapping has entries by their names instead of being one.
func (d *decoder) isNamed(node ast.MapNode, entry reflect.Type) bool {
	known := fieldsOf(entry)
	pairs := d.pairs(node)
	for _, pair := range pairs {
		if _, is := known[pair.name]; is {
			return false
		}
	}
	return len(pairs) > 0
}

// notKeys says that a mapping, with such a key, is needed where something else is.
func (d *decoder) notKeys(node ast.Node, first, key string) {
	text := written(node)
	wrong := glued.FindStringSubmatch(text)
	if wrong != nil && !isKey(wrong[1]) { // it may be a secret
		wrong = nil
	}
	name := key
	if key == "" {
		name = "the file"
	}
	switch _, isList := node.(*ast.SequenceNode); {
	case d.odd(node, key):
	case wrong != nil && wrong[2] == ":":
		d.note(key, "a space is missing behind %s: ; write %s: VALUE", wrong[1], wrong[1])
	case wrong != nil:
		d.note(key, "%s= is not how a value is given here; write %s: VALUE", wrong[1], wrong[1])
	case isList:
		d.note(key, "%s is a list, but must hold keys; write %s: VALUE without - and [ ]", name, first)
	case key == "":
		d.note(key, "the file holds a text, but no keys; write keys such as vod: and handlers:")
	default:
		d.note(key, "%s must hold keys; write {%s: VALUE}, or %s: VALUE on a line below", name, first, first)
	}
}
