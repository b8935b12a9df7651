package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

// Handlers fail in each way, some with an answer that quotes what they were sent; then all that anybody can read is read.
func TestNoSecretOfAConfigurationIsEverShown(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newSecretive(t, way)
			p := newChild(t, "", "run", "--log-format", map[bool]string{true: "console", false: "json"}[way == "variable"])
			s.issued = p.emulator.Issue(time.Hour)
			var well atomic.Bool // the handler that rejects has taken one: only then is it believed
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/422/") && !well.Swap(true) {
					return
				}
				echo(w, r)
			}))
			defer echo.Close()
			untrusted := httptest.NewUnstartedServer(http.HandlerFunc(http.NotFound))
			untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
			untrusted.StartTLS()
			defer untrusted.Close()
			s.broker = echoingBroker(t)
			text := s.text(endpointOf(p), echo.URL, untrusted.URL)
			p.write("config.yaml", text)
			proxy := "http://" + url.UserPassword(s.new("proxy", true), s.new("proxy", false)).String() + "@" + strings.TrimPrefix(echo.URL, "http://")
			printed := slices.DeleteFunc(slices.Clone(s.secrets), func(secret string) bool { return secret == s.arg })
			p.cmd.Env = append(append(p.cmd.Env, s.env...), "http_proxy=", "https_proxy=", "HTTP_PROXY="+proxy, "HTTPS_PROXY="+proxy, "NO_PROXY=",
				"PRINTED="+strings.Join(printed, "\n")+"\n"+proxy+"\nlast "+strings.Join(printed[len(printed)-10:], ", "))
			shown := s.readAll(p)
			shown["errors"] = s.mistakes(text, p.cmd.Env)
			for name, text := range shown {
				if text == "" {
					t.Errorf("%s is empty", name)
				}
				for i, secret := range s.secrets {
					for _, form := range forms(secret) {
						if at := strings.Index(text, form); at >= 0 {
							t.Errorf("%s shows secret %d, %s: …%s…", name, i, form, text[max(0, at-300):min(len(text), at+len(form)+50)])
						}
					}
				}
			}
		})
	}
}

func endpointOf(p *child) string {
	for _, variable := range p.cmd.Env {
		if endpoint, is := strings.CutPrefix(variable, "ENDPOINT="); is {
			return endpoint
		}
	}
	return ""
}

// echo answers as its path says, and quotes the whole request, as pages for debugging do; as a proxy it does too.
func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	user, password, _ := r.BasicAuth()
	with := http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	proxyUser, proxyPassword, _ := with.BasicAuth()
	all := []string{r.RequestURI, r.URL.Path, r.URL.Query().Get("sign"), r.Header.Get("X-Odd"), r.Header.Get("X-Api"), r.Header.Get("Authorization"),
		r.Header.Get("Proxy-Authorization"), user, password, proxyUser, proxyPassword, url.QueryEscape(password), url.QueryEscape(proxyPassword)}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	if r.Method == http.MethodConnect {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 407 Who is %s, %s\r\n\r\n", proxyUser, proxyPassword)
			_ = conn.Close()
		}
		return
	}
	status := http.StatusBadGateway // of a proxy
	if r.URL.Host == "" {
		_, _ = fmt.Sscanf(r.URL.Path, "/%d/", &status)
	}
	if strings.HasPrefix(r.URL.Path, "/hang/") {
		<-r.Context().Done()
		return
	}
	w.Header().Set("Location", "/login"+r.URL.Path+"?from="+url.QueryEscape(r.RequestURI))
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"code": %q, "of": %s, "and": %q}`, user+password, text, strings.Join(all, " "))
}

// readAll runs the program until everything has failed, and returns all that it shows.
func (s *secretive) readAll(p *child) map[string]string {
	shown := map[string]string{}
	var stdout, stderr bytes.Buffer
	lines := &lockedWriter{w: &stderr}
	logged := func(pattern string) (found string) {
		lines.mu.Lock()
		defer lines.mu.Unlock()
		if match := regexp.MustCompile(pattern).FindSubmatch(stderr.Bytes()); match != nil {
			return string(match[1])
		}
		return ""
	}
	p.cmd.Stdout, p.cmd.Stderr = &stdout, lines
	p.start()
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("%s", stderr.String())
		}
	})
	var base, callbacks string
	p.await("start", func() bool {
		base, callbacks = logged(`page"?[=:]"?(http://[^/" ]+)`), logged(`receiving callbacks.*listen=(\S+)`)
		if callbacks == "" {
			callbacks = logged(`"listen":"([^"]+)"`)
		}
		return base != "" && callbacks != ""
	})
	for _, path := range []string{"/", "/hunter/guesses"} {
		answer, err := http.Post("http://"+callbacks+path, "application/json", strings.NewReader(`{"EventType":"FileDeleted"}`))
		if err != nil {
			s.t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	if err := p.emulator.Emit(0, "FileDeleted"); err != nil {
		s.t.Fatal(err)
	}
	p.awaitConfirmed(1)
	if err := errors.Join(p.emulator.Emit(0, "NewFileUpload"), p.emulator.Emit(0, "FileDeleted")); err != nil {
		s.t.Fatal(err)
	}
	get := func(path string, headers ...string) string {
		req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, base+path, http.NoBody)
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.token)
		if len(headers) > 0 {
			req.Header.Set(headers[0], headers[1])
		}
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode >= 400 {
			s.t.Errorf("%s: %s, %v", path, answer.Status, err)
		}
		shown[path+strings.Join(headers, " ")] = fmt.Sprint(answer.Header) + string(body)
		return string(body)
	}
	var state page.State
	p.await("failures", func() bool {
		if err := json.Unmarshal([]byte(get("/api/state")), &state); err != nil {
			s.t.Fatal(err)
		}
		for _, h := range state.Handlers {
			if h.LastErr == "" {
				return false
			}
		}
		dead, _ := filepath.Glob(filepath.Join(p.cmd.Dir, "dead", "*.json"))
		return len(state.Events) >= 3 && (s.way == "variable" || len(dead) > 0)
	})
	for _, path := range strings.Fields("/ /metrics /livez /readyz /api/event?n=1 /api/event?n=2 /debug/pprof/ /debug/pprof/goroutine?debug=2 " +
		"/debug/pprof/heap /debug/pprof/heap?debug=1 /debug/pprof/allocs?debug=1") {
		get(path)
	}
	get("/metrics", "Accept", "application/openmetrics-text")
	get("/api/explain?id=" + state.Events[0].File)
	token := filepath.Join(s.dir, "token")
	if err := os.WriteFile(token, []byte(s.token), 0o600); err != nil {
		s.t.Fatal(err)
	}
	command := func(args ...string) (out string) {
		cmd := exec.Command("vodworker", args...)
		cmd.Dir, cmd.Env = p.cmd.Dir, p.cmd.Env
		all, _ := cmd.CombinedOutput()
		shown[strings.Join(args[:min(2, len(args))], " ")+fmt.Sprint(len(args))] = string(all)
		return string(all)
	}
	command("explain", state.Events[0].File, "--admin", base, "--token-file", token)
	if s.way != "variable" {
		var letters struct{ Letters []page.LetterRow }
		if err := json.Unmarshal([]byte(get("/api/letters")), &letters); err != nil || len(letters.Letters) == 0 {
			s.t.Fatal(err)
		}
		name := letters.Letters[0].Name
		get("/api/letter?name=" + url.QueryEscape(name))
		command("deadletters", "list")
		command("deadletters", "list", "--json")
		command("deadletters", "show", name)
		command("deadletters", "replay", name)
	}
	for _, args := range []string{"check", "check --json", "config show", "config show --json", "config schema", "drain --max-events 1"} {
		command(strings.Fields(args)...)
	}
	p.signal()
	p.code()
	shown["log"] = stderr.String()
	shown["stdout"] = "nothing " + stdout.String()
	for _, said := range []string{"the program printed", "answered 422", "answered 500", "request refused", "redirects are not followed", "connection refused",
		"certificate", "success does not take its code", "answered 502", "Who is", "deadline exceeded", "***"} {
		if !strings.Contains(shown["log"], said) {
			s.t.Errorf("the log does not say %s", said)
		}
	}
	return shown
}

// mistakes returns what is said of the configuration with one mistake after the other in it.
func (s *secretive) mistakes(text string, env []string) string {
	lookup := func(name string) (string, bool) {
		for _, variable := range env {
			if value, is := strings.CutPrefix(variable, name+"="); is {
				return value, true
			}
		}
		return "", false
	}
	var said strings.Builder
	tried := 0
	try := func(text string) {
		tried++
		loaded, err := config.Parse("config.yaml", []byte(text), lookup, os.ReadFile)
		if loaded != nil {
			fmt.Fprintln(&said, loaded.Warnings)
		}
		all := []error{err}
		if joined, is := err.(interface{ Unwrap() []error }); is {
			all = joined.Unwrap()
		}
		for _, one := range all {
			fmt.Fprintln(&said, one)
			if found, is := errors.AsType[*config.Error](one); is {
				fmt.Fprintln(&said, found.Excerpt())
			}
		}
	}
	try(text)
	step := 0
	for at, letter := range text {
		if !strings.ContainsRune("{}[]:,'&", letter) {
			continue
		}
		if step++; step%8 == len(s.way)%8 { // all of them take long
			try(text[:at] + text[at+1:])
			try(text[:at] + " x" + text[at:])
		}
	}
	if tried < 50 {
		s.t.Errorf("%d mistakes were tried", tried)
	}
	return said.String()
}
