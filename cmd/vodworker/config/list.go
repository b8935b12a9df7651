package config

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// list puts the entries of a node into a slice. A single value stands for a list of one, a variable for several perhaps.
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
		if isMapping && element.Kind() == reflect.Struct && firstName(element) == "name" && d.isNamed(node.(ast.MapNode), element) {
			d.bad(key, "it is a list; write \"- name: NAME\" for each, and the rest of its keys below")
			return
		}
		if !isMapping && lastName(key) == "command" && hasSpace(written(node)) {
			d.bad(key, "there is no shell; write the program and each argument as an entry, such as [./on-event.sh, --verbose]")
			return
		}
		entries = []ast.Node{node}
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(entries)))
	for _, entry := range entries {
		if at := d.next(v, entry, key); !d.several(entry, v, key) {
			d.value(entry, extend(v), at)
		}
	}
}

// next returns the key that the next entry of a list has, and notes where that entry stands.
func (d *decoder) next(list reflect.Value, entry ast.Node, key string) string {
	at := fmt.Sprintf("%s[%d]", key, list.Len())
	d.spots[at] = spot{value: entry}
	return at
}

// extend returns another entry of a list.
func extend(list reflect.Value) reflect.Value {
	list.Set(reflect.Append(list, reflect.Zero(list.Type().Elem())))
	return list.Index(list.Len() - 1)
}

// several puts the entries that stand in one variable into a list, such as 1500000001,1500000002, and reports whether node is one
// that may hold several. Only ids, event types and what a condition compares with can: other texts may have commas of their own. A
// variable that is empty is no entry if the file says that it may be.
func (d *decoder) several(node ast.Node, list reflect.Value, key string) bool {
	numbers, types := list.Type().Elem().Kind() == reflect.Uint64, list.Type().Elem() == reflect.TypeFor[EventPattern]()
	compared := lastName(key) == "in" || lastName(key) == "not_in"
	if !numbers && !types && !compared {
		return false
	}
	target := d.resolve(node)
	text := written(target)
	if !reference.MatchString(text) {
		return false
	}
	at := d.next(list, node, key)
	plain, ok := d.text(target, at)
	if ok && (!compared && strings.ContainsAny(plain, `"';`) || numbers && strings.ContainsAny(plain, "[]")) {
		d.bad(at, "a list in a variable has commas between its entries, and nothing else; write it there as A,B")
		ok = false
	}
	if !ok {
		extend(list) // the place of the entry that is wrong
		return true
	}
	var texts []string
	for text := range strings.FieldsFuncSeq(plain, func(r rune) bool { return r == ',' || !compared && unicode.IsSpace(r) }) {
		if text = strings.TrimSpace(text); text != "" {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 && !strings.HasSuffix(text, emptyDefault) {
		texts = []string{plain}
		if compared {
			d.bad(at, "the variable in it is empty; set it, or write \"\" for an empty text")
		}
	}
	for _, one := range texts {
		at := d.next(list, node, key)
		d.unexpanded[at] = text
		d.put(target, extend(list), at, one)
	}
	return true
}

// emptyDefault ends a value that may be empty by what the file says itself.
const emptyDefault = ":-}"

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
