package emulate

import (
	"fmt"
	"mime"
	"strings"
)

// contentType refuses what is no Content-Type: a typing error would look like what VOD may send.
func contentType(text string) error {
	if text == "" {
		return nil // that of the emulator
	}
	kind, _, err := mime.ParseMediaType(text)
	odd := strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) // as in no header
	if err != nil || odd || !strings.Contains(kind, "/") {
		return fmt.Errorf("--callback-content-type %q: it must be a media type, such as application/x-www-form-urlencoded", text)
	}
	return nil
}
