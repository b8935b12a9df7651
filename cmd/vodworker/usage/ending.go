package usage

import (
	"fmt"
	"time"
)

// soon is early enough to renew a certificate, and later than the programs do that renew one.
const soon = 14 * 24 * time.Hour

// Ending warns of the certificate that a key names if it does not hold, or not for long, and says what comes of it; it is empty if
// all is well. One that ends at the zero time is none.
func Ending(key, after string, from, to, now time.Time) string {
	const form = time.RFC3339
	switch {
	case to.IsZero():
		return ""
	case now.After(to):
		return fmt.Sprintf("the certificate of %s ended at %s; renew it, since %s", key, to.UTC().Format(form), after)
	case now.Before(from):
		return fmt.Sprintf("the certificate of %s holds only from %s on; look at this machine's clock, since %s until then", key,
			from.UTC().Format(form), after)
	case to.Sub(now) <= soon:
		return fmt.Sprintf("the certificate of %s ends at %s; renew it, or %s", key, to.UTC().Format(form), after)
	}
	return ""
}
