package console

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

//go:embed web
var web embed.FS

// pageFile returns the file of the page that is at a path. The page is static: what it shows it asks [Control] for, whose
// state it reads as [vodtest.Emulator.State] writes it.
func pageFile(url string) (file string, ok bool) {
	if url == "/" {
		return "web/emulator.html", true
	}
	name, ok := strings.CutPrefix(url, Path)
	if !ok || path.Ext(name) != ".js" && path.Ext(name) != ".css" {
		return "", false
	}
	file = "web/" + name
	_, err := fs.Stat(web, file)
	return file, err == nil
}

// pagePolicy lets nothing in that is not ours, and no page of others put this one into a frame.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// servePage answers browsers. It returns false if the request is not for the page: the path / also is the API's, and
// explains itself to what is no browser.
func servePage(w http.ResponseWriter, r *http.Request) bool {
	file, ok := pageFile(r.URL.Path)
	if !ok || serve.IsCall(r) || path.Ext(file) == ".html" && !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	content, err := web.ReadFile(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return true
	}
	header := w.Header()
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept")
	http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(content))
	return true
}
