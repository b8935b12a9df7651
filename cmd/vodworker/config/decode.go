package config

import (
	"encoding"
	"reflect"
	"regexp"
	"strings"

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
	_, isText := v.Addr().Interface().(encoding.TextUnmarshaler)
	switch kind := v.Kind(); {
	case isText:
		d.scalar(target, v, key)
	case kind == reflect.Pointer:
		if target.Type() == ast.NullType && v.Type().Elem().Kind() == reflect.Struct {
			d.note(key, "%s has nothing behind it; write %s", key, d.something(v.Type().Elem(), key))
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		d.value(target, v.Elem(), key)
	case kind == reflect.Struct:
		d.mapping(target, v, key)
	case kind == reflect.Map:
		d.texts(target, v, key)
	case kind == reflect.Slice:
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

// something says what to write behind a key that has nothing behind it.
func (d *decoder) something(of reflect.Type, key string) string {
	if name := lastName(key); name == "stdout" { // all that it takes has a default
		return name + ": {}"
	}
	return lastName(key) + ": {" + firstName(of) + ": VALUE}, or take the key out"
}

// notKeys says that a mapping, with such a key, is needed where something else is.
func (d *decoder) notKeys(node ast.Node, first, key string) {
	text := written(node)
	wrong := glued.FindStringSubmatch(text)
	if wrong != nil && (!isKey(wrong[1]) || strings.HasPrefix(text, wrong[1]+"://")) { // it may be a secret, or is a URL
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
