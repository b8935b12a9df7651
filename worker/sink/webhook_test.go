package sink_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/vodworker/vodworker/worker/sink"
)

const base64Secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// A post is what a server was sent.
type post struct {
	method, path string
	header       http.Header
	body         []byte
}

// receive runs a server that takes every event, and hands out what it was sent.
func receive(t *testing.T) (*httptest.Server, <-chan post) {
	posts := make(chan post, 100)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		posts <- post{r.Method, r.URL.String(), r.Header, body}
	})
	return server, posts
}

func TestWebhookPostsWhatACallbackWouldCarry(t *testing.T) {
	server, posts := receive(t)
	hook := newWebhook(t, sink.WebhookOptions{URL: server.URL + "/a%2Fb?x=1"})
	e := event(`{"EventHandle":"h", "EventType":"NewFileUpload","FileUploadEvent":{"FileId":"1","n":1.50}}`)
	if err := hook.Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	got := <-posts
	if want := `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"1","n":1.50}}`; string(got.body) != want {
		t.Errorf("body is %s, want %s", got.body, want)
	}
	if got.method != "POST" || got.path != "/a%2Fb?x=1" {
		t.Errorf("%s %s", got.method, got.path)
	}
	sent, err := strconv.ParseInt(got.header.Get("webhook-timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(sent, 0)).Abs() > time.Minute {
		t.Errorf("webhook-timestamp is %q", got.header.Get("webhook-timestamp"))
	}
	got.header.Del("webhook-timestamp")
	want := http.Header{
		"Content-Type":   {"application/json"},
		"Content-Length": {strconv.Itoa(len(got.body))},
		"User-Agent":     {"vodworker"},
		"Webhook-Id":     {e.Key()},
	}
	if diff := cmp.Diff(want, got.header); diff != "" {
		t.Errorf("headers -want +got:\n%s", diff)
	}
}

func TestWebhookSendsUserInfoAsBasicAuthentication(t *testing.T) {
	server, posts := receive(t)
	hook := newWebhook(t, sink.WebhookOptions{URL: strings.Replace(server.URL, "//", "//me:p%40ss@", 1)})
	if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
		t.Fatal(err)
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:p@ss"))
	if got := (<-posts).header.Get("Authorization"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWebhookSignsByStandardWebhooks(t *testing.T) {
	server, posts := receive(t)
	verifier, err := standardwebhooks.NewWebhook("whsec_" + base64Secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{base64Secret, "whsec_" + base64Secret, "whsec_" + base64Secret + "\n"} {
		hook := newWebhook(t, sink.WebhookOptions{URL: server.URL, Secret: secret})
		if err := hook.Handle(t.Context(), event(procedureJSON)); err != nil {
			t.Fatal(err)
		}
		got := <-posts
		if err := verifier.Verify(got.body, got.header); err != nil {
			t.Errorf("%q: %v", secret, err)
		}
		if verifier.Verify(append(got.body, ' '), got.header) == nil {
			t.Error("a changed body verifies")
		}
	}
}

func TestWebhookRefusesABadSecret(t *testing.T) {
	for _, secret := range []string{"not base64!", "whsec_", "whsec_\n", "whsec_====", "whsec_MfKQ9r8GK YqrTwj"} {
		_, err := sink.NewWebhook(sink.WebhookOptions{URL: "http://example.com", Secret: secret})
		want := "secret: it is not base64, with or without whsec_ in front; copy the receiver's secret"
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", secret, err, want)
		}
	}
}

func TestWebhookIDTellsEventsApart(t *testing.T) {
	server, posts := receive(t)
	hook := newWebhook(t, sink.WebhookOptions{URL: server.URL})
	id := func(content string) string {
		t.Helper()
		if err := hook.Handle(t.Context(), event(content)); err != nil {
			t.Fatal(err)
		}
		return (<-posts).header.Get("webhook-id")
	}
	const (
		upload = `"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"1"}}`
		cast   = `"EventType":"MediaCastStatusChanged","MediaCastStatusChangedEvent":{"CastId":"c","Status":"Idle"}}`
	)
	first := id(`{"EventHandle":"h1",` + upload)
	for redelivery, content := range map[string]string{
		"try": `{"EventHandle":"h1",` + upload, "redelivery": `{"EventHandle":"h2",` + upload, "callback": `{` + upload,
	} {
		if got := id(content); got != first {
			t.Errorf("%s has id %s, want %s", redelivery, got, first)
		}
	}
	if id(strings.ReplaceAll(`{`+upload, `"1"`, `"2"`)) == first {
		t.Error("another file has the same id")
	}

	key := event(`{` + cast).Key()
	repeating := id(`{"EventHandle":"h1",` + cast)
	if suffix, found := strings.CutPrefix(repeating, key+"-"); !found || len(suffix) != 8 {
		t.Errorf("id of an event that repeats is %s, want %s-xxxxxxxx", repeating, key)
	}
	if got := id(`{"EventHandle":"h1",` + cast); got != repeating {
		t.Errorf("second try has id %s, want %s", got, repeating)
	}
	if got := id(`{"EventHandle":"h2",` + cast); got == repeating || !strings.HasPrefix(got, key) {
		t.Errorf("another event with the same content has id %s, want %s- and another suffix", got, key)
	}
	if id(`{"T":"1",`+cast) == id(`{"T":"2",`+cast) {
		t.Error("two callbacks of different times have the same id")
	}
}
