// Package content follows the path of a condition through what the official SDK says is in an event, since one that leads
// nowhere would hold for no event, or for all, and nobody would see why.
package content

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
)

// A Path is where the path of a condition leads.
type Path struct {
	// Payload is the type of events that it is about, in the documented spelling; empty if it is about no one alone.
	Payload events.Type

	// Unchecked is the end of it that nothing is known of: behind @fromstr, behind another modifier or a wildcard, in a payload
	// that the SDK does not have, or in the 2.0 format. Empty if all of it is known.
	Unchecked string

	// Both is the path that also reaches the payload by the other key that VOD's pages have for it; empty if there is none.
	Both string
}

// Check follows the path of a condition that is valid. It fails with a [*condition.Error] if there is no such field, and if what
// is asked can't be so there; its Key may be in[0], too. wanted are the types of events that the condition may be asked of: they
// only help to advise.
func Check(c condition.Condition, wanted []events.Type) (Path, error) {
	w := walk{all: parse(c.JSON), wanted: wanted}
	end, err := w.event()
	if err != nil {
		return Path{}, &condition.Error{Key: "json", Err: err}
	}
	path := Path{Payload: w.payload, Unchecked: w.unchecked}
	if i := slices.IndexFunc(spellings, func(s spelling) bool { return s.of == w.payload }); i >= 0 {
		path.Both = w.with(0, spellings[i].both)
	}
	if end == nil {
		return path, nil
	}
	return path, asked(c, end)
}

// A walk goes along a path, one part after the other.
type walk struct {
	all    []part
	at     int // the part that is looked at
	wanted []events.Type

	payload   events.Type
	unchecked string
}

// event follows the path from the top of an event. It returns the type of what is at its end, nil if that is not known.
func (w *walk) event() (reflect.Type, error) {
	first := w.all[0]
	if slices.Contains([]string{"Sign", "sign", "T", "t", "version", "eventType", "data"}, first.Name) { // of callbacks, of the 2.0 format
		return w.unknown()
	}
	for _, t := range events.Types() {
		if !first.isName() || t.PayloadKey() != first.Name && !slices.ContainsFunc(spellings, func(s spelling) bool {
			return s.of == t && s.key == first.Name
		}) {
			continue
		}
		w.payload = t
		of := fieldsOf(reflect.TypeFor[vod.EventContent]())[t.PayloadKey()]
		switch {
		case t == events.ProcessImageAsyncComplete: // the SDK's EventContent has a type there that lacks fields
			of = reflect.TypeFor[vod.ProcessImageAsync]()
		case of == nil:
			w.at++
			return w.unknown()
		}
		w.at++
		return w.follow(of)
	}
	if first.isName() && !slices.Contains(envelope, first.Name) {
		return nil, w.noPayload(first.Name)
	}
	return w.follow(reflect.TypeFor[vod.EventContent]())
}

// A spelling is another key that VOD's pages, or its own programs, have for a payload.
type spelling struct {
	of        events.Type
	key, both string
}

var spellings = []spelling{
	{events.EditMediaComplete, "EditMediaComplete", "EditMediaComplete*"},
	{events.WechatPublishComplete, "WechatPublishComplete", "WechatPublishComplete*"},
	{events.WechatMiniProgramPublishComplete, "WechatMiniProgramPublishEvent", "WechatMiniProgramPublish*"},
}

var envelope = []string{"EventHandle", "EventType"}

// noPayload says what was meant by a name that is no key of an event.
func (w *walk) noPayload(name string) error {
	if key := events.Type(name).PayloadKey(); key != "" {
		return fmt.Errorf("this is a type of events, whose payload is %s; write %s", key, w.with(0, key))
	}
	keys := slices.Clone(envelope)
	for _, t := range events.Types() {
		keys = append(keys, t.PayloadKey())
	}
	near := nearest.Of(short(name), keys)
	if nearest.Distance(short(name), near) > len(near)/4 {
		if payload, field := w.payloadWith(name); payload != "" {
			return fmt.Errorf("an event has no such field, but its payload has; write %s", w.with(0, payload, field))
		}
		return fmt.Errorf("an event has no such field; the nearest is %s, and one that is newer than this program is reached by a "+
			"wildcard, such as New*", near)
	}
	return fmt.Errorf("an event has no such field; the nearest is %s", w.with(0, near))
}

// payloadWith returns the key of a payload that has a field, whose letter case may be wrong, and the field: of the wanted types
// the most usual first.
func (w *walk) payloadWith(name string) (key, field string) {
	payloads := fieldsOf(reflect.TypeFor[vod.EventContent]())
	for _, t := range append([]events.Type{events.ProcedureStateChanged}, events.Types()...) {
		payload := payloads[t.PayloadKey()]
		if payload == nil || !slices.Contains(w.wanted, t) {
			continue
		}
		for _, field := range sortedNames(fieldsOf(payload)) {
			if strings.EqualFold(field, name) {
				return t.PayloadKey(), field
			}
		}
	}
	return "", ""
}

// follow goes on from a value of a type.
func (w *walk) follow(t reflect.Type) (reflect.Type, error) {
	for ; w.at < len(w.all); w.at++ {
		p := w.all[w.at]
		if p.isWild() && t.Kind() != reflect.Slice || p.Name[0] == '@' && (p.Name != "@fromstr" || t.Kind() == reflect.String) || p.Piped && w.behindList() {
			return w.unknown()
		}
		var err error
		switch t.Kind() {
		case reflect.Struct:
			t, err = w.field(t, p)
		case reflect.Slice:
			t, err = w.element(t, p)
		case reflect.String:
			err = fmt.Errorf("%s is a text, which has no fields; write %s if there is JSON in it", w.before(), w.with(w.at, "@fromstr", p.Name))
		default:
			err = fmt.Errorf("%s is no object, and has no fields; write %s", w.before(), w.before())
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// field goes from an object to one of its fields.
func (w *walk) field(t reflect.Type, p part) (reflect.Type, error) {
	fields := fieldsOf(t)
	switch found := fields[p.Name]; {
	case p.isName() && found != nil:
		return found, nil
	case p.Name == "@fromstr":
		return nil, fmt.Errorf("%s is an object, and no text; take @fromstr out", w.before())
	case !p.isName():
		return nil, fmt.Errorf("%s is no list; take %s out", w.before(), p.Name)
	}
	near := nearest.Of(short(p.Name), sortedNames(fields))
	return nil, fmt.Errorf("%s has no such field; the nearest is %s", w.before(), w.with(w.at, near))
}

// element goes from a list to what its elements are.
func (w *walk) element(t reflect.Type, p part) (reflect.Type, error) {
	elem := plain(t.Elem())
	switch last := w.at == len(w.all)-1; {
	case p.Name == "#" && last:
		return reflect.TypeFor[int](), nil // how many there are
	case p.Name == "#", p.isNumber():
		return elem, nil
	case p.Query != nil:
		return elem, w.query(elem, p)
	case p.isWild():
		return nil, fmt.Errorf("%s is a list, where %s stands for nothing; write %s for each of its elements", w.before(), p.Name, w.with(w.at, "#"))
	case p.isName():
		return nil, fmt.Errorf("%s is a list; write %s for each of its elements", w.before(), w.with(w.at, "#", p.Name))
	}
	return elem, nil
}

// query follows the path in a query, and fails if what it asks can't be so at its end.
func (w *walk) query(elem reflect.Type, p part) error {
	q := walk{all: slices.Concat(w.all[:w.at], []part{{Name: "#"}}), at: w.at + 1}
	end := elem
	if p.Query.Path != "" {
		q.all = append(q.all, parse(p.Query.Path)...)
		var err error
		if end, err = q.follow(elem); err != nil {
			return err
		}
	}
	if q.unchecked != "" {
		w.unchecked = p.Name
	}
	if end == nil || p.Query.Op == "" {
		return nil
	}
	if err := compared(*p.Query, end); err != nil {
		return fmt.Errorf("%s of a query: %w", join(q.all), err)
	}
	return nil
}

func (w *walk) unknown() (reflect.Type, error) {
	w.unchecked = w.from(w.at)
	return nil, nil
}

// behindList reports whether a part before is about a list: a | somewhere behind that is about all of the results.
func (w *walk) behindList() bool {
	return slices.ContainsFunc(w.all[:w.at], func(p part) bool { return strings.HasPrefix(p.Name, "#") })
}

// before returns the path up to the part that is looked at.
func (w *walk) before() string {
	if w.at == 0 {
		return "an event"
	}
	return join(w.all[:w.at])
}

func (w *walk) from(at int) string { return join(w.all[min(at, len(w.all)):]) }

// with returns the path with names in place of the part at an index.
func (w *walk) with(at int, names ...string) string {
	parts := slices.Clone(w.all[:at])
	for _, name := range names {
		parts = append(parts, part{Name: name})
	}
	return join(append(parts, w.all[at+1:]...))
}

// fieldsOf returns the types of what an object has, by its names in JSON.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := make(map[string]reflect.Type, t.NumField())
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields[name] = plain(field.Type)
	}
	return fields
}

// plain returns what a pointer points to.
func plain(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
