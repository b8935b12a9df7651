package sink_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
)

const (
	user      = "vodhookuser"
	password  = "p%40ss-w0rd%2Fdeep" // p@ss-w0rd/deep
	query     = "token=t0k%2Fen&key=k3y-of-ours&bare-t0ken"
	signing   = "whsec_" + base64Secret
	someRoute = "/hook"
)

// secrets are the forms in which the secrets above may turn up.
var secrets = []string{
	user, password, "p@ss-w0rd/deep", "p@ss-w0rd", query, "t0k%2Fen", "t0k/en", "k3y-of-ours", "bare-t0ken", base64Secret,
	base64.StdEncoding.EncodeToString([]byte(user + ":p@ss-w0rd/deep")),
}

// texts returns what err and all that it wraps say.
func texts(err error) string {
	if err == nil {
		return ""
	}
	all := fmt.Sprintf("%v\n%+v\n%#v\n", err, err, err)
	switch wrapped := err.(type) {
	case interface{ Unwrap() error }:
		all += texts(wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range wrapped.Unwrap() {
			all += texts(err)
		}
	}
	return all
}

func checkSecrets(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
	}
	for _, secret := range secrets {
		if strings.Contains(texts(err), secret) {
			t.Errorf("%q is shown in %v", secret, err)
		}
	}
}

// secretURL returns the URL with a user, a password and a query.
func secretURL(base string) string {
	return strings.Replace(base, "://", "://"+user+":"+password+"@", 1) + someRoute + "?" + query
}

func TestWebhookErrorsShowNoSecrets(t *testing.T) {
	// echo quotes the whole request, as error pages do.
	echo := func(w http.ResponseWriter, r *http.Request) {
		name, pass, _ := r.BasicAuth()
		fmt.Fprintln(w, r.URL.RawQuery, r.URL.Query(), r.Header.Get("Authorization"), name, pass, url.QueryEscape(pass), signing)
		fmt.Fprintf(w, "%s %s:%s@", r.RequestURI, name, password)
	}
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc // nil: nobody listens
		tls     bool
		scheme  string
		ended   bool
		want    string
	}{
		{name: "refused connection", want: "connection refused"},
		{name: "end of time", handler: echo, ended: true, want: "context canceled"},
		{
			name: "bad status", want: "answered 400 Bad Request: *** map[",
			handler: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400); echo(w, r) },
		},
		{
			name: "secret at the end of what is shown", want: "answered 500",
			handler: func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(500)
				io.WriteString(w, strings.Repeat("x", 195))
				echo(w, r)
			},
		},
		{
			name: "redirect", want: "redirects are not followed",
			handler: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "/login/"+r.URL.Query().Get("key")+"?from="+r.URL.String())
				w.WriteHeader(302)
			},
		},
		{
			name: "malformed answer", want: "malformed HTTP",
			handler: func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				io.WriteString(conn, r.URL.RawQuery+"\r\n\r\n")
			},
		},
		{
			name: "answer without an end of its headers", want: "exceeded",
			handler: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X", strings.Repeat(r.URL.RawQuery, 10000))
			},
		},
		{name: "unknown certificate", handler: echo, tls: true, want: "certificate"},
		{name: "no TLS", handler: echo, scheme: "https", want: "HTTP response to HTTPS client"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(test.handler)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			if test.tls {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			base := server.URL
			if test.scheme != "" {
				base = strings.Replace(base, "http", test.scheme, 1)
			}
			if test.handler == nil {
				base = "http://" + nobody
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.ended {
				cancel()
			}
			err := newWebhook(t, sink.WebhookOptions{URL: secretURL(base), Secret: signing}).Handle(ctx, event(uploadJSON))
			checkSecrets(t, err)
			if text := fmt.Sprint(err); !strings.HasPrefix(text, "post to "+base+"/…: ") || !strings.Contains(text, test.want) {
				t.Errorf("does not tell where and what (%s): %v", test.want, err)
			}
			if len(fmt.Sprint(err)) > 500 {
				t.Errorf("%d bytes long: %v", len(fmt.Sprint(err)), err)
			}
		})
	}
}

func TestWebhookHidesEachFormOfASecretInAnAnswer(t *testing.T) {
	var answer string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		io.WriteString(w, "<"+answer+">")
	})
	hook := newWebhook(t, sink.WebhookOptions{URL: secretURL(server.URL) + "&longer=k3y-of-ours-too", Secret: signing})
	for _, answer = range append(secrets, user+":"+password, signing, query+"&longer=k3y-of-ours-too", "k3y-of-ours-too") {
		if answer == "p@ss-w0rd" || answer == query {
			continue // only part of a secret
		}
		err := hook.Handle(t.Context(), event(uploadJSON))
		if want := "post to " + server.URL + "/…: answered 400 Bad Request: <***>"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", answer, err, want)
		}
	}
	answer = "hook 400 k3y"
	if err := hook.Handle(t.Context(), event(uploadJSON)); err == nil || !strings.HasSuffix(err.Error(), ": <hook 400 k3y>") {
		t.Errorf("hides what is no secret: %v", err)
	}
}

func TestNewWebhookTellsWhatIsWrongWithTheURL(t *testing.T) {
	const (
		noScheme = "url: it does not begin with http:// or https://; write one of them in front"
		noHost   = "url: it has no host; write one behind the scheme, such as https://example.com/vod"
	)
	rest := someRoute + "?" + query
	for raw, want := range map[string]string{
		"":                                       "url: it is missing; write the URL to post to",
		"example.com" + rest:                     noScheme,
		"localhost:8080" + rest:                  noScheme,
		"127.0.0.1:8080" + rest:                  noScheme,
		user + ":" + password:                    noScheme,
		"://example.com" + rest:                  noScheme,
		rest:                                     noScheme,
		"ftp://" + user + "@host":                noScheme,
		"http:" + rest:                           noHost,
		"https://:8080" + rest:                   noHost,
		"https://" + user + ":" + password + "@": noHost,
		"http:example.com":                       noHost,
		"https://" + user + ":k3y-of-ours/deep@example.com":      "url: its port is not a number, or its user name or password has / ? or # in it; write those as %2F, %3F and %23",
		"https://" + user + ":t0k%zz@example.com":                "url: it has a % without two hexadecimal digits behind it; % itself is written %25",
		"https://" + user + ":" + password + "@exa mple.com":     "url: it has a character in its host that cannot be there; write it without",
		"https://" + user + ":" + password + "@example.com\n":    "url: it has a control character in it, such as a line break at its end; take it out",
		"https://" + user + ":bare-t0ken with space@example.com": "url: it cannot be parsed; write special characters in it percent-encoded",
	} {
		_, err := sink.NewWebhook(sink.WebhookOptions{URL: raw, Secret: signing})
		checkSecrets(t, err)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", raw, err, want)
		}
	}
	_, err := sink.NewWebhook(sink.WebhookOptions{URL: "http://example.com", Secret: base64Secret + "!"})
	checkSecrets(t, err)
}

// The environment is read once a process, hence the second one.
func TestWebhookUsesTheProxyOfTheEnvironment(t *testing.T) {
	const target = "http://vod.example/hook"
	if os.Getenv("SINK_TEST_CHILD") != "" {
		fmt.Println(newWebhook(t, sink.WebhookOptions{URL: target}).Handle(t.Context(), event(uploadJSON)))
		return
	}
	proxied := make(chan string, 1)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		proxied <- r.URL.String()
		w.WriteHeader(http.StatusTeapot)
	})
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), "SINK_TEST_CHILD=1", "NO_PROXY=", "no_proxy=", "http_proxy=", "HTTP_PROXY="+secretURL(proxy.URL))
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(proxied) != 1 || <-proxied != target {
		t.Error("the post did not come by the proxy")
	}
	if !strings.Contains(string(out), "post to http://vod.example/…: answered 418") {
		t.Errorf("got %s", out)
	}
}
