package broker

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// A Name is that of a topic, a stream, a subject or a key. Fields of an event may stand in it: vod.{type}.
type Name struct {
	parts   []part
	unknown sink.UnknownTypes
}

// A part is a text, or a field in its place.
type part struct{ text, field string }

// Fields that may stand in a name.
const (
	FieldType = "type"
	FieldApp  = "sub_app_id"
	FieldFile = "file_id" // of each file another name: only where names cost nothing
)

const (
	otherType = "other" // types that are not known, and no type
	noFile    = "none"  // an event about no file
)

// ParseName reads a name in which these fields may stand, as {type}. {{ is a brace.
func ParseName(text string, unknown sink.UnknownTypes, fields ...string) (Name, error) {
	n := Name{unknown: unknown}
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if !found {
			n.parts = append(n.parts, part{text: text})
			break
		}
		if strings.HasPrefix(rest, "{") {
			n.parts, text = append(n.parts, part{text: before + "{"}), rest[1:]
			continue
		}
		field, after, closed := strings.Cut(rest, "}")
		switch {
		case !closed:
			return Name{}, errors.New("it has a { without its }; write {{ for a brace")
		case !slices.Contains(fields, field):
			return Name{}, fmt.Errorf("{%s} is no field here; write {%s}, or {{ for a brace", field, strings.Join(fields, "}, {"))
		}
		n.parts, text = append(n.parts, part{text: before}, part{field: field}), after
	}
	return n, nil
}

// Fixed reports whether the name is the same for all events, and returns it.
func (n Name) Fixed() (name string, is bool) {
	for _, p := range n.parts {
		if p.field != "" {
			return "", false
		}
		name += p.text
	}
	return name, true
}

// Of returns the name for an event. That one of its fields can't stand in a name is permanent: nothing would change it.
func (n Name) Of(e events.Event) (string, error) {
	var name strings.Builder
	for _, p := range n.parts {
		name.WriteString(p.text)
		if p.field == "" {
			continue
		}
		value := n.value(p.field, e)
		if !isPlain(value) {
			return "", worker.Permanent(fmt.Errorf("the %s of this event has more than letters, digits, _ and -: it can't stand in a name", p.field))
		}
		name.WriteString(value)
	}
	return name.String(), nil
}

func (n Name) value(field string, e events.Event) string {
	switch field {
	case FieldApp:
		return strconv.FormatUint(e.SubAppID, 10)
	case FieldFile:
		if file := e.FileID(); file != "" {
			return file
		}
		return noFile
	}
	if known := e.Type.PayloadKey() != ""; e.Type == "" || !known && n.unknown != sink.UnknownTypesAsIs {
		return otherType
	}
	return string(e.Type)
}

func isPlain(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}
