package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// Key identifies the event: it is the same each time the event is handed out, and for the callback of the same
// event. VOD gives events no id, so the key is a hash of SubAppID and of the content in canonical form, without
// EventHandle, Sign and T, which differ between deliveries; 32 hexadecimal digits. Use it as an idempotency key,
// except for events that [Event.Repeats]: two of those can say the same and still be two.
//
// It reads the whole event, in less than a fifth of the time that decoding it takes, unless the JSON is unlike VOD's.
func (e Event) Key() string {
	w := walks.Get().(*walk)
	defer walks.Put(w)
	content, ok := w.canonical(e.Raw)
	if !ok {
		content = reference(e.Raw)
	}
	start := len(w.text)
	w.text = append(strconv.AppendUint(w.text, e.SubAppID, 10), '\n')
	w.text = append(w.text, content...)
	sum := sha256.Sum256(w.text[start:])
	return hex.EncodeToString(sum[:16])
}

// ID identifies the event to a receiver: it is the same each time that this event is handed out, and that of no other
// event. It is the Key, and for an event that [Event.Repeats] a short hash of its delivery behind it, since a second
// one that says the same may be a new one: that differs from delivery to delivery.
func (e Event) ID() string {
	if !e.Repeats() {
		return e.Key()
	}
	delivery := []byte(e.Handle)
	if len(delivery) == 0 {
		delivery = e.Raw // a callback's: Sign and T in it differ, if VOD is set to sign
	}
	sum := sha256.Sum256(delivery)
	return e.Key() + "-" + hex.EncodeToString(sum[:4])
}

// Repeats reports whether a second event with the same Key can be a new one, as for a file that is restored from
// archive twice: true if there is no TaskId and the type is neither NewFileUpload nor PersistenceComplete.
func (e Event) Repeats() bool {
	return e.Type != NewFileUpload && e.Type != PersistenceComplete && e.TaskID() == ""
}

// reference returns raw without its handle and signature, without nulls in objects and white space, and with sorted keys.
// Whether VOD repeats an event in the same bytes is not documented. It is the definition of the canonical form, and must
// not change: keys that earlier versions made are the names of letters, and in receivers' databases.
func reference(raw []byte) []byte {
	content := cut(raw, "EventHandle")
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return content // not JSON, or nested deeper than encoding/json follows: not from VOD
	}
	if object, ok := value.(map[string]any); ok {
		for _, key := range signature {
			delete(object, key)
		}
	}
	sorted, err := json.Marshal(withoutNulls(value))
	if err != nil {
		return content
	}
	return sorted
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if member == nil {
				delete(value, key)
			} else {
				value[key] = withoutNulls(member)
			}
		}
	case []any:
		for i, element := range value {
			value[i] = withoutNulls(element)
		}
	}
	return value
}
