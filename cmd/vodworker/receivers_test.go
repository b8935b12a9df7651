//go:build unix

package main

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var allReceivers = flag.Bool("receivers", false, "run the receivers of all languages, not only Python's and that of Node.js, which start soon")

const receiversPage = "worker/sink/RECEIVERS.md"

// receivers are the programs of the page: by the command that it shows, a command that fails where that can't run, and a pause that
// makes the work last, so that another post comes meanwhile. In Node.js none can, while the work does not wait.
var receivers = map[string]struct {
	command string
	probe   []string
	pause   string
}{
	"receiver.py":   {"python3 receiver.py", []string{"python3", "-c", "import sqlite3"}, "    time.sleep(0.01)"},
	"receiver.mjs":  {"node receiver.mjs", []string{"node", "--version"}, ""},
	"receiver.go":   {"go run receiver.go", []string{"go", "version"}, "time.Sleep(10 * time.Millisecond)"},
	"receiver.php":  {phpCommand, []string{"php", "-r", "new PDO('sqlite::memory:');"}, "usleep(10000);"},
	"Receiver.java": {"java Receiver.java", []string{"java", "--describe-module", "jdk.compiler"}, "try { Thread.sleep(10); } catch (Exception e) {}"},
}

const phpCommand = "php -d display_errors=0 -S 127.0.0.1:8080 receiver.php"

// As it comes, PHP shows its errors, and answers 200 to them. Even then the program must not.
var showErrors = strings.NewReplacer("display_errors=0", "display_errors=1 -d post_max_size=9M")

const (
	oldSecret = "b2xkIHNlY3JldCBvZiBhIHJlY2VpdmVy"
	newSecret = "whsec_bmV3IHNlY3JldCBvZiBhIHJlY2VpdmVy"
)

// Whoever copies a receiver from the page gets one that handles each event once, and only if it is signed.
func TestTheReceiversOfThePage(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts programs in other languages")
	}
	t.Parallel()
	wantEqual(t, "programs", len(programsOf(document(t, receiversPage))), len(receivers))
	for file, how := range receivers {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			if !*allReceivers && !slices.Contains([]string{"receiver.py", "receiver.mjs"}, file) {
				t.Skip("make receivers runs it")
			}
			if out, err := exec.Command(how.probe[0], how.probe[1:]...).CombinedOutput(); err != nil {
				t.Skipf("not run, since %q fails: %v %s", how.probe, err, out)
			}
			r := startPageReceiver(t, file, how.command, how.pause)
			t.Run("what vodworker sends", r.takesWhatIsSent)
			t.Run("signatures", r.verifies)
			t.Run("the same at the same time", r.dropsWhatComesAtOnce)
			t.Run("strangers", r.survivesStrangers)
			t.Run("chunks", func(t *testing.T) { r.takesChunks(t, file) })
			if file != "Receiver.java" { // has no JSON to fail at
				t.Run("work that fails", r.forgetsWhatFailed)
			}
		})
	}
}

// A pageReceiver is a receiver of the page that runs.
type pageReceiver struct {
	address string
	output  string // the file with what it prints
	client  http.Client
}

// yours is the line at which the reader's own work begins.
var yours = regexp.MustCompile(`.*(?://|#) yours.*\n`)

func startPageReceiver(t *testing.T, file, command, pause string) *pageReceiver {
	page := document(t, receiversPage)
	if !strings.Contains(page, command) {
		t.Errorf("the page does not show the command %s", command)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := &pageReceiver{address: "127.0.0.1:" + port, output: filepath.Join(dir, "output"), client: http.Client{Transport: &http.Transport{}}}
	t.Cleanup(p.client.CloseIdleConnections)
	text := strings.ReplaceAll(programsOf(page)[file], "8080", port)
	text = yours.ReplaceAllString(text, "${0}"+pause+"\n")
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(p.output)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	words := strings.Fields(showErrors.Replace(strings.ReplaceAll(command, "8080", port)))
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, output, output
	// The last of the secrets would be an empty one, with which everybody could sign.
	cmd.Env = append(os.Environ(), "HOOK_SECRET="+oldSecret+" "+newSecret+" whsec_", "PHP_CLI_SERVER_WORKERS=4")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(p.printed(t))
		}
	})
	await(t, port)
	return p
}

func (p *pageReceiver) printed(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.output)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (p *pageReceiver) wantHandled(t *testing.T, what string, times int) {
	t.Helper()
	wantEqual(t, what+": handled", strings.Count(p.printed(t), what), times)
}

func (p *pageReceiver) takesWhatIsSent(t *testing.T) {
	dir := t.TempDir()
	send := func(secret string) (code int, log string) {
		config := filepath.Join(dir, "config.yaml")
		handlers := "handlers: [{name: b, retry: {tries: 1}, webhook: {url: \"http://" + p.address + "\", secret: " + secret + "}}]\n"
		events := filepath.Join(dir, "events.json")
		event := `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"1"}}` + "\n"
		for name, text := range map[string]string{config: handlers, events: event + event} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var stdout, stderr strings.Builder
		code = run(t.Context(), []string{"send", events, "--config", config}, &stdout, &stderr)
		return code, stderr.String()
	}
	code, log := send("d3Jvbmc=")
	if wantEqual(t, "exit code of a wrong secret", code, exitFailed); !strings.Contains(log, "answered 401") {
		t.Errorf("a wrong secret: %s", log)
	}
	p.wantHandled(t, "NewFileUpload", 0)
	for _, secret := range []string{oldSecret, newSecret} {
		if code, log := send(secret); code != exitOK {
			t.Errorf("exit code %d: %s", code, log)
		}
	}
	p.wantHandled(t, "NewFileUpload", 1)
}

// A signedPost is what a sender sends: the id is the type of its event.
type signedPost struct {
	id, body, signature string
	sent                time.Time
	fraction            string // of the second, which nobody sends
	chunked             bool
}

func signed(t *testing.T, id, secret string, sent time.Time) signedPost {
	t.Helper()
	p := signedPost{id: id, body: `{"EventType":"` + id + `"}`, sent: sent}
	p.signature = signatureOf(t, p, secret)
	return p
}

func signatureOf(t *testing.T, p signedPost, secret string) string {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(p.id, p.sent, []byte(p.body))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// answer returns the status that a post gets; 0: none.
func (p *pageReceiver) answer(t *testing.T, post signedPost) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+p.address, bytes.NewReader([]byte(post.body)))
	if err != nil {
		t.Fatal(err)
	}
	if post.chunked {
		req.ContentLength = -1
	}
	if post.signature != "" {
		req.Header.Set("webhook-id", post.id)
		req.Header.Set("webhook-timestamp", strconv.FormatInt(post.sent.Unix(), 10)+post.fraction)
		req.Header.Set("webhook-signature", post.signature)
	}
	return p.status(req)
}

func (p *pageReceiver) status(req *http.Request) int {
	resp, err := p.client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func (p *pageReceiver) verifies(t *testing.T) {
	now := time.Now()
	with := func(id string, change func(*signedPost)) signedPost {
		post := signed(t, id, newSecret, now)
		change(&post)
		return post
	}
	for _, try := range []struct {
		post signedPost
		want int
	}{
		{signed(t, "Now", newSecret, now), 204},
		{signed(t, "OldSecret", oldSecret, now), 204},
		{signed(t, "FourMinutesOld", newSecret, now.Add(-4*time.Minute)), 204},
		{with("SecondSignature", func(p *signedPost) { p.signature = signatureOf(t, *p, "d3Jvbmc=") + " " + p.signature }), 204},
		{with("FirstSignature", func(p *signedPost) { p.signature += " v1a,AAAA v1," }), 204},

		{signed(t, "WrongSecret", "d3Jvbmc=", now), 401},
		{signed(t, "SixMinutesOld", newSecret, now.Add(-6*time.Minute)), 401},
		{signed(t, "SixMinutesAhead", newSecret, now.Add(6*time.Minute)), 401},
		{with("ChangedBody", func(p *signedPost) { p.body += " " }), 401},
		{with("ChangedID", func(p *signedPost) { p.id += "2" }), 401},
		{with("ChangedTime", func(p *signedPost) { p.sent = p.sent.Add(time.Second) }), 401},
		{with("NoSignature", func(p *signedPost) { p.signature = "" }), 401},
		{with("OtherVersion", func(p *signedPost) { p.signature = strings.Replace(p.signature, "v1,", "v2,", 1) }), 401},
		{with("HalfASignature", func(p *signedPost) { p.signature = p.signature[:20] }), 401},
		{with("OddLetters", func(p *signedPost) { p.signature = p.signature[:len(p.signature)-1] + "é" }), 401},
		{with("NoWholeSecond", func(p *signedPost) {
			p.signature = signatureOf(t, signedPost{id: p.id, sent: p.sent, body: "5." + p.body}, newSecret)
			p.fraction = ".5"
		}), 401},
		{with("EmptySecret", func(p *signedPost) { p.signature = signatureOf(t, *p, "") }), 401},
	} {
		wantEqual(t, try.post.id+": answer", p.answer(t, try.post), try.want)
		times := 0
		if try.want == http.StatusNoContent {
			times = 1
		}
		p.wantHandled(t, try.post.id, times)
	}
}

func (p *pageReceiver) dropsWhatComesAtOnce(t *testing.T) {
	var posts sync.WaitGroup
	for range 32 {
		posts.Go(func() {
			wantEqual(t, "answer", p.answer(t, signed(t, "ManyAtOnce", newSecret, time.Now())), http.StatusNoContent)
		})
	}
	posts.Wait()
	p.wantHandled(t, "ManyAtOnce", 1)
}
