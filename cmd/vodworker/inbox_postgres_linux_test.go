package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/emulate"
	"github.com/vodworker/vodworker/worker/vodtest"
)

const inboxPassword = "hunter2hunter2"

// A shared is processes with one queue and one inbox, on PostgreSQL.
type shared struct {
	t      *testing.T
	dir    string
	env    []string
	mu     sync.Mutex
	said   bytes.Buffer // all that anybody has read
	server served
}

// A served is a PostgreSQL server with a database.
type served struct {
	URL string
	PID int // of the server
}

// servePostgres starts one that ends with the test.
func servePostgres(t *testing.T) (s served) {
	t.Helper()
	if os.Getenv("VODWORKER_POSTGRES") == "" {
		t.Skip("it needs PostgreSQL: make inbox runs it")
	}
	tests := filepath.Join(t.TempDir(), "tests")
	if out, err := exec.Command("go", "test", "-c", "-o", tests, "../../worker/internal/postgrestest").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := exec.Command(tests, "-test.run=^TestServe$", "-test.timeout=0", "-serve")
	end, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = end.Close(); _ = server.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &s) != nil {
		t.Fatalf("no server: %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
	return s
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

// newShared makes a database, and the configuration of those that use it: text, with the endpoint of VOD for %s. The inbox's URL is in
// the file url.
func newShared(t *testing.T, text, endpoint string) *shared {
	t.Helper()
	s := &shared{t: t, dir: t.TempDir(), server: servePostgres(t)}
	at, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword("postgres", inboxPassword)
	for name, content := range map[string]string{"config.yaml": fmt.Sprintf(text, endpoint), "url": at.String()} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.env = append(os.Environ(), "TENCENTCLOUD_SECRET_ID="+vodtest.DefaultSecretID, "TENCENTCLOUD_SECRET_KEY="+vodtest.DefaultSecretKey)
	return s
}

func (s *shared) command(to io.Writer, args ...string) *exec.Cmd {
	c := exec.Command("vodworker", args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = s.dir, s.env, to, to
	return c
}

// start starts a process, which is stopped at the end, and returns where it shows itself.
func (s *shared) start(args ...string) (admin string) {
	s.t.Helper()
	port, err := freePort()
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.command(s, args...)
	c.Env = append(c.Env, "VODWORKER_ADMIN_LISTEN=127.0.0.1:"+port)
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			s.t.Errorf("%s: %v", strings.Join(args, " "), err)
		}
	})
	return "http://127.0.0.1:" + port
}

// says runs a command, and fails unless it ends with this code and says that.
func (s *shared) says(code int, want string, args ...string) string {
	s.t.Helper()
	var out bytes.Buffer
	c := s.command(io.MultiWriter(&out, s), args...)
	if err := c.Run(); c.ProcessState == nil {
		s.t.Fatal(err)
	}
	if c.ProcessState.ExitCode() != code || !strings.Contains(out.String(), want) {
		s.t.Errorf("%s ends with %d, want %d and %q:\n%s", strings.Join(args, " "), c.ProcessState.ExitCode(), code, want, &out)
	}
	return out.String()
}

// get returns what is read there; nothing if nobody answers.
func (s *shared) get(at string) string {
	response, err := http.Get(at)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	_, _ = s.Write(text)
	return string(text)
}

func (s *shared) await(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("not after a minute: %s\n%s", what, &s.said)
		}
	}
}

// wantNoPassword is called last.
func (s *shared) wantNoPassword() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := bytes.Index(s.said.Bytes(), []byte(inboxPassword)); at >= 0 {
		s.t.Errorf("it shows the password: …%s…", s.said.Bytes()[max(0, at-300):at])
	}
}

func TestProcessesThatShareAnInboxHandleEachEventOnceAndShowNoPassword(t *testing.T) {
	t.Parallel()
	const all = 200
	posts, broken := map[string]int{}, ""
	var mu sync.Mutex
	var mended atomic.Bool
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		posts[string(body)]++
		if len(posts) == all/2 && broken == "" {
			broken = string(body)
		}
		if string(body) == broken && !mended.Load() {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
	defer hook.Close()
	emulator := vodtest.New(vodtest.Config{Hold: 100 * time.Millisecond})
	defer emulator.Close()
	vod := httptest.NewServer(emulator)
	defer vod.Close()
	s := newShared(t, `
vod: {endpoint: '%s'}
inbox: {url_file: url}
log: {level: debug}
handlers: [{name: backend, retry: {tries: 1}, webhook: {url: '`+hook.URL+`'}}]
`, vod.URL)
	defer s.wantNoPassword()
	var admins []string
	for range 3 {
		admins = append(admins, s.start("run"))
	}
	options := emulate.Options{Events: all}
	options.Fill(emulator)
	handled := func() int { mu.Lock(); defer mu.Unlock(); return len(posts) }
	s.await("all is handled", func() bool { return handled() == all })
	s.await("one is given up", func() bool { return strings.Contains(s.says(0, "", "deadletters", "list"), "backend") })
	mu.Lock()
	for body, n := range posts {
		if n != 1 {
			t.Errorf("posted %d times: %s", n, body)
		}
	}
	var of struct{ FileUploadEvent, ProcedureStateChangeEvent struct{ FileId string } } //nolint:revive // as VOD has it
	_ = json.Unmarshal([]byte(broken), &of)
	mu.Unlock()
	file := of.FileUploadEvent.FileId + of.ProcedureStateChangeEvent.FileId

	s.says(0, "inbox", "check")
	s.says(0, "backend: given up ", "explain", file, "--admin", admins[0])
	s.says(0, "backend: given up ", "explain", file, "--admin", admins[2])
	s.says(0, "backend: given up ", "inbox", "show", file)
	s.says(0, " dead ", "inbox", "list")
	s.says(0, "answered 422", "deadletters", "list")
	for _, admin := range admins {
		for _, path := range []string{"/readyz", "/livez", "/metrics", "/api/state", "/"} {
			if text := s.get(admin + path); path == "/metrics" && !strings.Contains(text, "vodworker_inbox_up 1\n") || text == "" {
				t.Errorf("%s%s: %s", admin, path, text)
			}
		}
	}
	mended.Store(true)
	s.says(0, "1 letter waits again", "deadletters", "replay", "--all")
	s.await("the letter is handled", func() bool { return strings.Contains(s.says(0, "", "inbox", "show", file), "backend: done ") })
	s.says(0, "0 deleted", "deadletters", "purge", "--all")

	if err := syscall.Kill(s.server.PID, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	s.says(69, "not reached", "inbox", "list")
	s.says(69, "not reached", "deadletters", "list")
	s.says(69, "not reached", "drain")
	s.await("it is told that the database is away", func() bool { return strings.Contains(s.get(admins[1]+"/readyz"), "inbox: ") })
	s.get(admins[1] + "/api/state")
}
