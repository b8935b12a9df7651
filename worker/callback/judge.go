package callback

import (
	"bytes"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

// judge tells by the beginning of a large body what is not worth reading on, and whether it is signed already.
func (b bodies) judge(head []byte, now time.Time) (signed bool, err error) {
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return false, errNoEvent()
	}
	if len(b.keys) == 0 {
		return false, nil
	}
	sign, t := signatureIn(head)
	if sign == "" || t == "" {
		return false, nil // it may stand further behind
	}
	if why := b.keys.check(sign, t, now); why != "" {
		return false, &refusal{status: http.StatusForbidden, why: why}
	}
	return true, nil
}

// signatureIn returns what [events.Event.Signature] would of all, as far as it stands in head. What may go on behind it is not
// there yet.
func signatureIn(head []byte) (sign, t string) {
	content := gjson.ParseBytes(head)
	if !content.IsObject() {
		return "", ""
	}
	content.ForEach(func(key, value gjson.Result) bool {
		if value.Index+len(value.Raw) >= len(head) {
			return false
		}
		switch {
		case sign == "" && (key.Str == "Sign" || key.Str == "sign"):
			sign = events.Text(value)
		case t == "" && (key.Str == "T" || key.Str == "t"):
			t = events.Text(value)
		}
		return sign == "" || t == ""
	})
	return sign, t
}

func errNoEvent() error {
	return &refusal{status: http.StatusBadRequest, why: "the body is no event: not JSON, or without an EventType"}
}
