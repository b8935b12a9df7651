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
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
