package main

import (
	"bytes"
	"embed"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed web
var web embed.FS

// emulatorPage are the files of the emulator's page by their paths. The page is static: what it shows it asks for.
var emulatorPage = map[string]string{
	"/":                  "web/emulator.html",
	"/emulator/page.css": "web/emulator.css",
	"/emulator/page.js":  "web/emulator.js",
}

// pagePolicy lets nothing in that is not ours, and no page of others put this one into a frame.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// servePage answers browsers. It returns false if the request is not for the page: the path / also is the API's, and
// explains itself to what is no browser.
func servePage(w http.ResponseWriter, r *http.Request) bool {
	file, ok := emulatorPage[r.URL.Path]
	isCall := r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.RawQuery != "" || r.Header.Get("Authorization") != ""
	if !ok || isCall || path.Ext(file) == ".html" && !strings.Contains(r.Header.Get("Accept"), "text/html") {
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
