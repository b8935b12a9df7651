package events

import (
	"strings"

	"github.com/tidwall/gjson"
)

// signature are the keys of a callback's signature. VOD's pages write them in both letter cases.
var signature = []string{"Sign", "sign", "T", "t"}

// Signature returns what a signed callback carries at its top: Sign, in hexadecimal, and T, the second since 1970 until which
// it holds, in the digits in which it was sent. Each is empty if it is not there.
func (e Event) Signature() (sign, t string) {
	content := parse(e.Raw)
	if !content.IsObject() {
		return "", ""
	}
	content.ForEach(func(key, value gjson.Result) bool {
		switch {
		case sign == "" && (key.Str == "Sign" || key.Str == "sign"):
			sign = strings.Clone(Text(value))
		case t == "" && (key.Str == "T" || key.Str == "t"):
			t = strings.Clone(Text(value))
		}
		return sign == "" || t == ""
	})
	return sign, t
}

// Unsigned returns the event as [Event.Body] does, and without its signature: whoever sees one can sign events of his own
// with it until it ends, so it does not belong into a log.
func (e Event) Unsigned() []byte {
	return cut(e.Raw, append([]string{"EventHandle"}, signature...)...)
}
