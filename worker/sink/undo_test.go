package sink_test

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/vodworker/vodworker/worker/sink"
)

// escapers are how receivers write what they quote.
var escapers = map[string]func(string) string{
	"as it is": func(s string) string { return s },
	"Go's JSON": func(s string) string {
		text, _ := json.Marshal(s)
		return string(text[1 : len(text)-1])
	},
	"Jackson's JSON": strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\t", `\t`).Replace,
	"PHP's JSON":     strings.NewReplacer(`"`, `\"`, `\`, `\\`, "/", `\/`, "\t", `\t`).Replace,
	"Gson's JSON": strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\t", `\t`, "<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "=", `\u003d`,
		"'", `\u0027`).Replace,
	".NET's JSON": strings.NewReplacer(`"`, `\u0022`, `\`, `\\`, "\t", `\t`, "<", `\u003C`, ">", `\u003E`, "&", `\u0026`, "+", `\u002B`,
		"'", `\u0027`, "`", `\u0060`).Replace,
	"JSON of escapes only": func(s string) string {
		all := ""
		for _, unit := range utf16.Encode([]rune(s)) {
			all += fmt.Sprintf([]string{`\u%04x`, `\u%04X`}[unit%2], unit)
		}
		return all
	},
	"Go's %q": func(s string) string {
		text := fmt.Sprintf("%+q", s)
		return text[1 : len(text)-1]
	},
	"JavaScript in HTML": template.JSEscapeString,
	"HTML":               html.EscapeString,
	"Go's HTML":          template.HTMLEscapeString,
	"HTML of numbers": func(s string) string {
		all := ""
		for _, r := range s {
			all += fmt.Sprintf([]string{"&#%d;", "&#x%x;", "&#x%X;"}[r%3], r)
		}
		return all
	},
	"Python's repr":          strings.NewReplacer(`\`, `\\`, "'", `\x27`, "<", `\x3C`, "=", `\x3d`, "\t", `\t`).Replace,
	"escape() of JavaScript": strings.NewReplacer("%", "%25", "<", "%u003C", "=", "%u003d", "&", "%26").Replace,
	"a query":                url.QueryEscape,
	"a path":                 url.PathEscape,
	"a URL, in lower case": func(s string) string {
		all := ""
		for _, b := range []byte(s) {
			all += fmt.Sprintf("%%%02x", b)
		}
		return all
	},
}

// An error page may quote the JSON of a gateway, which quotes a URL.
func TestWebhookHidesASecretHoweverAnAnswerEscapesIt(t *testing.T) {
	var answer string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		io.WriteString(w, answer)
	})
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range escapers {
			if !yield(name) {
				return
			}
		}
	})
	secret := func() string {
		const special = "\\\"'`<>&=+%/;,:~ \t@#?abfnrtux034DQ"
		text := []byte(nil)
		for range 4 + rand.N(12) {
			text = append(text, special[rand.N(len(special))])
		}
		return "s" + string(text) + "cret" // none has white space at its ends
	}
	for range 300 {
		header, password := secret(), secret()+[]string{"", "é", "密", "😀"}[rand.N(4)]
		target := strings.Replace(server.URL, "://", "://"+url.UserPassword("vodhookuser", password).String()+"@", 1)
		hook := newWebhook(t, sink.WebhookOptions{URL: target, Headers: map[string]string{"X-Token": header}})
		for _, secret := range []string{header, password} {
			how := ""
			answer = secret
			for range rand.N(4) {
				name := names[rand.N(len(names))]
				answer, how = escapers[name](answer), how+", then "+name
			}
			answer = "<" + answer + ">"
			want := "500 Internal Server Error: <***>"
			if len(answer) > 4<<10 { // an error shows nothing of what is behind that
				want = strings.TrimSuffix(want, ">")
			}
			if err := hook.Handle(t.Context(), event(uploadJSON)); err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%q as %s%s: got %v", secret, answer, how, err)
			}
		}
		hook.Close()
	}
}
