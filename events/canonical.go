package events

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"sync"
	"unicode/utf8"
)

// These are more than events of VOD have. A text is copied once for each level that it is in, and sorting takes as long as
// the square of the members.
const (
	maxLength  = 256 << 10
	maxDepth   = 16
	maxMembers = 128
)

// A walk makes of an event what reference makes of it, without decoding it: VOD's own events differ from their canonical
// form in little but white space, the order of members, and nulls. It reports false for all that it leaves to reference.
type walk struct {
	text    []byte   // the event, padding, and values that do not stand in the event as they are
	end     int      // of the event
	at      int      // where the walk is in the event
	members []member // of the objects and lists that are open; an object's by key
	dropped []span   // keys of members that the form leaves out, of the objects that are open
}

// A span is text[from:to].
type span struct{ from, to int }

type member struct {
	prefix     uint64 // the first bytes of the key: mostly they alone decide on the order
	key, value span   // a list's have no key
}

var walks = sync.Pool{New: func() any { return new(walk) }}

// canonical returns the canonical form of raw. The walk's next overwrites it.
func (w *walk) canonical(raw []byte) ([]byte, bool) {
	w.text, w.members, w.dropped = w.text[:0], w.members[:0], w.dropped[:0]
	if len(raw) > maxLength {
		return nil, false
	}
	w.text, w.end, w.at = append(append(w.text, raw...), make([]byte, padding)...), len(raw), 0
	value, ok := w.value(0)
	return w.part(value), ok && w.next() == 0 && w.at == w.end && utf8.Valid(raw)
}

func (w *walk) part(s span) []byte { return w.text[s.from:s.to] }

func (w *walk) value(depth int) (span, bool) {
	switch b := w.next(); {
	case b == '"':
		return w.encoded()
	case b != '{' && b != '[':
		return w.word()
	case depth == maxDepth:
		return span{}, false
	case b == '{':
		return w.object(depth)
	default:
		return w.list(depth)
	}
}

func (w *walk) object(depth int) (span, bool) {
	members, dropped := len(w.members), len(w.dropped)
	w.at++
	n := 0
	for more := w.next() != '}'; more; more = w.skip(',') {
		if n++; n > maxMembers || !w.member(depth, members) {
			return span{}, false
		}
	}
	if !w.skip('}') || w.hasAny(w.members[members:], w.dropped[dropped:]) {
		return span{}, false
	}
	start := len(w.text)
	for _, m := range w.members[members:] {
		w.text = append(w.text, ',')
		if m.value.from == m.key.to+2 { // with nothing but a quote and a colon between
			w.text = append(w.text, w.text[m.key.from-1:m.value.to]...)
			continue
		}
		w.text = append(w.text, w.text[m.key.from-1:m.key.to+1]...)
		w.text = append(w.text, ':')
		w.text = append(w.text, w.part(m.value)...)
	}
	w.members, w.dropped = w.members[:members], w.dropped[:dropped]
	return w.enclose(start, '{', '}'), true
}

// member reads one of the members of an object, of which those from first on are read.
func (w *walk) member(depth, first int) bool {
	if w.next() != '"' {
		return false
	}
	quoted, plain := w.quoted()
	if !plain || !w.skip(':') {
		return false // members are in the order of the decoded keys
	}
	key := span{quoted.from + 1, quoted.to - 1}
	value, ok := w.value(depth + 1)
	if !ok {
		return false
	}
	if string(w.part(value)) == "null" || depth == 0 && ofDelivery(w.part(key)) {
		w.dropped = append(w.dropped, key)
		return true
	}
	beyond := 64 - 8*min(key.to-key.from, 8) // how many bits of the prefix stand behind the key
	prefix := binary.BigEndian.Uint64(w.text[key.from:]) >> beyond << beyond
	return w.insert(first, member{prefix, key, value})
}

// ofDelivery reports whether the member of this key, at the top of an event, differs between its deliveries.
func ofDelivery(key []byte) bool {
	for _, name := range signature {
		if string(key) == name {
			return true
		}
	}
	return string(key) == "EventHandle"
}

// insert puts a member in its place among those from first on, unless one of them has the same key.
func (w *walk) insert(first int, m member) bool {
	w.members = append(w.members, m)
	members := w.members[first:]
	i := len(members) - 1
	for ; i > 0; i-- {
		order := cmp.Compare(members[i-1].prefix, m.prefix)
		if order == 0 {
			order = bytes.Compare(w.part(members[i-1].key), w.part(m.key))
		}
		if order == 0 {
			return false
		}
		if order < 0 {
			break
		}
		members[i] = members[i-1]
	}
	members[i] = m
	return true
}

// hasAny reports whether one of the keys is that of a member.
func (w *walk) hasAny(members []member, keys []span) bool {
	for _, key := range keys {
		for i := range members {
			if bytes.Equal(w.part(members[i].key), w.part(key)) {
				return true
			}
		}
	}
	return false
}

func (w *walk) list(depth int) (span, bool) {
	first := len(w.members)
	w.at++
	for more := w.next() != ']'; more; more = w.skip(',') {
		value, ok := w.value(depth + 1)
		if !ok {
			return span{}, false
		}
		w.members = append(w.members, member{value: value})
	}
	if !w.skip(']') {
		return span{}, false
	}
	start := len(w.text)
	for _, m := range w.members[first:] {
		w.text = append(w.text, ',')
		w.text = append(w.text, w.part(m.value)...)
	}
	w.members = w.members[:first]
	return w.enclose(start, '[', ']'), true
}

// enclose puts brackets around what stands in text from start on, the left one in place of the first comma.
func (w *walk) enclose(start int, left, right byte) span {
	if len(w.text) == start {
		w.text = append(w.text, left)
	}
	w.text[start] = left
	w.text = append(w.text, right)
	return span{start, len(w.text)}
}
