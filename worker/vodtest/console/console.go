// Package console is what people and scripts use of an emulator of package vodtest: a page for browsers, an HTTP API that
// makes events and shows where each one is, and a client of it. It does what one does in VOD's console.
//
//	emulator := vodtest.New(vodtest.Config{})
//	defer emulator.Close()
//	err := http.ListenAndServe("127.0.0.1:9266", console.Handler(emulator)) // with the API of VOD itself
package console

import (
	"net/http"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Path is in front of all paths of [Control]. No request of an SDK begins so, unless its endpoint does.
const Path = "/emulator/"

// Handler serves all that there is of an emulator, as one endpoint: to browsers a page that shows where each event is,
// and makes events; the control API under [Path], see [Control], to which hosts are handed; and everywhere else
// the API, see [vodtest.Emulator.ServeHTTP]. Serve it on the path / : the page asks for its files, and for what it shows,
// under Path of its own origin.
func Handler(e *vodtest.Emulator, hosts ...string) http.Handler {
	control := Control(e, hosts...)
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
