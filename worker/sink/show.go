package sink

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// maxValue is how many bytes of a value are shown. The longest ones of use are URLs with a signature.
const maxValue = 2000

// show returns s as it may stand in a line of text: as it is, or as a quoted Go string if it has white space, or
// characters that would steer a terminal, start a line or turn the direction of writing.
func show(s string) string {
	if s == "" {
		return ""
	}
	plain := utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == ' ' || r == '"' || !strconv.IsPrint(r)
	})
	if plain {
		return say.Cut(s, maxValue)
	}
	return quote(s)
}

func quote(s string) string { return strconv.Quote(say.Cut(s, maxValue)) }

// known is show for something that must not be missing.
func known(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return show(s)
}

func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + show(value)
}

// pad fills s up to width characters.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// appendLine joins the fields that are not empty. What ends a line is not padded.
func appendLine(out []byte, fields []string) []byte {
	var line strings.Builder
	for _, field := range fields {
		if field == "" {
			continue
		}
		if line.Len() > 0 {
			line.WriteString("  ")
		}
		line.WriteString(field)
	}
	out = append(out, strings.TrimRight(line.String(), " ")...)
	return append(out, '\n')
}

// seconds returns a length in time, "" for none and for what cannot be one.
func seconds(r gjson.Result) string {
	s := r.Num
	if r.Type != gjson.Number || !(s > 0 && s < 1e9) {
		return ""
	}
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond).String()
}

// bytesize returns a size in decimal units, "" for none and for what cannot be one.
func bytesize(r gjson.Result) string {
	size := r.Num
	if r.Type != gjson.Number || !(size > 0 && size < 1e18) {
		return ""
	}
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if size < 999.95 {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", size), ".0") + " " + unit
		}
		size /= 1000
	}
	return fmt.Sprintf("%.1f TB", size)
}
