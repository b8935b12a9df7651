package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What answers may be no worker, though somebody was told that it is.
func TestWhoeverAnswersExplainGetsNeitherTheTokenNorTheTerminal(t *testing.T) {
	t.Parallel()
	const steers = "\x1b[31m\x07\u009b31m\u202e"
	stolen := ""
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen += r.Header.Get("Authorization") }))
	defer thief.Close()
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL, http.StatusFound) },
		"a refusal":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, steers, http.StatusNotFound) },
		"a status line": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			fmt.Fprintf(conn, "HTTP/1.1 418 %s\r\nContent-Length: 0\r\n\r\n", steers)
			_ = conn.Close()
		},
		"names": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.ReplaceAll(`{"replica":"#","events":[{"type":"#","file":"#","why":"#","deliveries":[{"left":"#","confirm":"#"}]}]}`,
				"#", `\u001b[31m\u0007\u009b31m\u202e`))
		},
		"no end": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"replica":"`)
			part := strings.Repeat("x", 1<<20)
			for range maxAnswer>>20 + 1 {
				if _, err := io.WriteString(w, part); err != nil {
					return
				}
			}
			_, _ = io.WriteString(w, `"}`)
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(answer))
		known, err := askExplanation(t.Context(), server.URL, "hunter2hunter2hunter2", "x")
		if failed := err != nil; failed != (name != "names") {
			t.Errorf("%s: %v", name, err)
		}
		if text := fmt.Sprint(err, explanation("x", known)); strings.ContainsAny(text, "\x1b\a\u009b\u202e") {
			t.Errorf("%s: %q", name, text)
		}
		server.Close()
	}
	if stolen != "" {
		t.Errorf("another server was given %s", stolen)
	}
}
