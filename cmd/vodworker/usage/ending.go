package usage

import (
	"fmt"
	"time"
)

// soon is early enough to renew a certificate, and later than the programs do that renew one.
const soon = 14 * 24 * time.Hour

// Ending warns of a certificate's end if it is near; it is empty if not. The zero time is none.
func Ending(ends, now time.Time) string {
	if ends.IsZero() || ends.Sub(now) > soon {
		return ""
	}
	return fmt.Sprintf("the certificate of callback.tls.cert_file ends at %s; renew it, or VOD can't post any more",
		ends.UTC().Format(time.RFC3339))
}
