package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// What was stored by another replica, or before this one started, is explained all the same.
func TestWhatLiesInTheInboxIsExplained(t *testing.T) {
	t.Parallel()
	now := time.Now()
	job := page.InboxJob{ID: "e", App: "0", Type: "NewFileUpload", File: "f", Handler: "h", Stored: now.Add(-time.Hour), Since: now.Add(time.Minute), Runs: 1}
	for _, test := range []struct {
		change func(*page.InboxJob)
		want   string
	}{
		{func(j *page.InboxJob) { j.State, j.Since = inbox.Waiting, now }, "h: waiting for its turn since " + when(now) + "; run once"},
		{func(j *page.InboxJob) { j.State = inbox.Waiting }, "h: waiting; next try at " + when(job.Since) + "; run once"},
		{func(j *page.InboxJob) { j.State, j.Process = inbox.Running, "p1" }, "h: running since " + when(job.Since) + " in process p1; run once"},
		{func(j *page.InboxJob) { j.State, j.Attempts, j.LastError = inbox.Failed, 2, "it broke" },
			"h: failed; next try at " + when(job.Since) + "; run once; 2 failures count against the event; last error: it broke"},
		{func(j *page.InboxJob) { j.State, j.Since = inbox.Failed, now }, "h: failed; next try as soon as it is its turn; run once"},
		{func(j *page.InboxJob) { j.State, j.Reason, j.Runs = inbox.Dead, worker.ReasonCrashes, 5 },
			"h: given up " + when(job.Since) + " (" + worker.ReasonCrashes.Text() + "); run 5 times"},
		{func(j *page.InboxJob) { j.State, j.Handler = inbox.Done, "" }, "no handler: done " + when(job.Since) + "; run once"},
	} {
		one, two := job, job
		test.change(&one)
		two.Handler, two.State, two.Since, two.Runs = "other", inbox.Waiting, now, 0
		known := page.Explanation{Replica: page.Replica{Now: now}, Inbox: []page.InboxJob{one, two}}
		head := "in the inbox: NewFileUpload, file f, stored " + when(job.Stored)
		if diff := cmp.Diff([]string{head, "  " + test.want, "  other: waiting for its turn since " + when(now)}, inboxLines(known)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if text := explanation("f", known); strings.Contains(text, "is not known here") || !strings.Contains(text, "\n  "+test.want+"\n") {
			t.Error(text)
		}
	}
	if text := explanation("f", page.Explanation{InboxError: "it is locked"}); !strings.Contains(text, "What lies in the inbox is not known: it is locked") {
		t.Error(text)
	}
}

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
