package usage

import (
	"fmt"
	"time"
)

// soon is early enough to renew a certificate, and later than the programs do that renew one.
const soon = 14 * 24 * time.Hour

// Ending warns of the end of the certificate that a key names if it is near, and says what comes of it; it is empty if not. The
// zero time is none.
func Ending(key, after string, ends, now time.Time) string {
	if ends.IsZero() || ends.Sub(now) > soon {
		return ""
	}
	return fmt.Sprintf("the certificate of %s ends at %s; renew it, or %s", key,
		ends.UTC().Format(time.RFC3339), after)
}
