package serve

import (
	"net/http"
	"strings"
)

// FromPage tells requests that a page in a browser makes, whosever page it is: the key of an emulator is no secret, so any page
// could sign for it. Browsers say so in Origin or Sec-Fetch-Site, but in neither if they GET from a plain http URL that is no
// loopback address, such as a name that was rebound to one. Then only their User-Agent tells them from programs. What somebody
// types into a browser comes from no page.
func FromPage(r *http.Request) bool {
	if len(r.Header.Values("Origin")) > 0 {
		return true
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "none"
	}
	return strings.HasPrefix(r.UserAgent(), "Mozilla/")
}

// RefusePage answers a request of a page, and says why it is refused.
func RefusePage(w http.ResponseWriter) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	Answer{http.StatusForbidden, "text/plain; charset=utf-8", []byte(pageRefusal)}.Write(w)
}

const pageRefusal = `This call was refused: a page in a browser has made it, or so its headers say.
The emulator's key is no secret, and any page could use it.

Call the API from a program. If this was one, let it send no Origin, no Sec-Fetch-Site,
and no User-Agent that begins with Mozilla/ .
`
