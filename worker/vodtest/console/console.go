// Package console is what people and scripts use of an emulator of package vodtest: a page for browsers, an HTTP API that
// makes events and shows where each one is, and a client of it. It does what one does in VOD's console.
//
//	emulator := vodtest.New(vodtest.Config{})
//	defer emulator.Close()
//	err := http.ListenAndServe("127.0.0.1:9266", console.Handler(emulator, console.Options{})) // with the API of VOD itself
package console

import (
	"net/http"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Path is in front of all paths of [Control]. No request of an SDK begins so, unless its endpoint does.
const Path = "/emulator/"

// Handler serves all that there is of an emulator, as one endpoint: to browsers a page that shows where each event is,
// and makes events; the control API under [Path], see [Control]; and everywhere else the API, see
// [vodtest.Emulator.ServeHTTP]. Serve it on the path / : the page asks for its files, and for what it shows, under Path of its
// own origin.
func Handler(e *vodtest.Emulator, o Options) http.Handler {
	control := Control(e, o)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case servePage(w, r):
		case strings.HasPrefix(r.URL.Path, Path):
			control.ServeHTTP(w, r)
		default:
			e.ServeHTTP(w, r)
		}
	})
}

// Options are what a [Handler] and a [Control] may have beside an emulator. Their zero value is good.
type Options struct {
	// Hosts are names by which the control API may be called, in whatever case, beside those that are ours anyway, see [Control].
	Hosts []string

	// Authority is the certificate, as PEM, of who signs the emulator's own ones, if it is served by https. It is no secret:
	// clients get it from the control API, to trust it. Without one there is none to be got.
	Authority []byte
}
