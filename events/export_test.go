package events

import "bytes"

// Reference is the form whose hash a Key is.
func Reference(raw []byte) []byte { return reference(raw) }

// Canonical is what stands in for Reference, if it does.
func Canonical(raw []byte) (form []byte, ok bool) {
	w := walks.Get().(*walk) // the walk that has seen another event before
	defer walks.Put(w)
	form, ok = w.canonical(raw)
	return bytes.Clone(form), ok
}
