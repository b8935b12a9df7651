package main

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestDemoShowsTheWayOfBothEventsAndEndsWithASummary(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	reader, writer := io.Pipe()
	var stderr strings.Builder
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"demo"}, writer, &stderr)
		_ = writer.Close()
	}()

	var out strings.Builder
	confirmed := 0
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		out.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "  confirmed") {
			if confirmed++; confirmed == 2 {
				cancel() // as Ctrl-C does
			}
		}
	}
	wantEqual(t, "exit code", <-exit, exitOK)
	want := regexp.MustCompile(`(?s)^An emulator of the VOD API at http://127\.0\.0\.1:\d+.*` +
		`uploading video-1\.mp4\n  pulled 1, .*NewFileUpload +file \d+.*  confirmed 1, 2\d\.\d s before.*` +
		`processing video-1\.mp4.*  pulled 1, .*ProcedureStateChanged +file \d+ .*\n  Transcode +template 10 .*\n  CoverBySnapshot .*` +
		`  confirmed 1, .*stopping: .*` +
		`2 events pulled, 2 handled, 2 confirmed, 0 failed\. Left in the queue: 0\.\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("output:\n%s", out.String())
	}
	wantEqual(t, "stderr", stderr.String(), "")
	wantREADME(t, out.String())
}

// wantREADME compares what the demo printed with what README shows of it, but for times and the port.
func wantREADME(t *testing.T, out string) {
	t.Helper()
	shown := blocksOf(document(t, "README.md"), "text")
	wantEqual(t, "blocks of output", len(shown), 1)
	text := regexp.MustCompile(`\d+\.\d s|:\d+`).ReplaceAllString(strings.Replace(shown[0].text, "^C", "", 1), "…")
	wanted := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for line := range strings.Lines(out) {
		before := wanted
		ok := false
		if wanted, ok = advance(wanted, strings.TrimSuffix(line, "\n")); !ok {
			t.Fatalf("README.md:%d: the demo prints\n%swhere README shows\n%s", shown[0].line, line, before[0])
		}
	}
	wantEqual(t, "lines of README that the demo has not printed", len(wanted), 0)
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
