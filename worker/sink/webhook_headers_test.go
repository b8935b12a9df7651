package sink_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker/sink"
)

func TestWebhookSendsItsHeadersAlong(t *testing.T) {
	var got http.Header
	hook := answering(t, sink.WebhookOptions{
		Secret: signing, Format: sink.FormatCloudEventsBinary,
		Headers: map[string]string{"authorization": "Bearer a b", "X-TENANT": "shop", "User-Agent": "ours/1"},
	}, func(w http.ResponseWriter, r *http.Request) { got = r.Header })
	for range 2 {
		if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer a b", "X-Tenant": "shop", "User-Agent": "ours/1", "Content-Type": "application/json",
		"Ce-Type": "com.tencentcloud.vod.NewFileUpload",
	} {
		if values := got.Values(name); len(values) != 1 || values[0] != want {
			t.Errorf("%s is %q, want %q", name, values, want)
		}
	}
	if got.Get("Webhook-Signature") == "" {
		t.Error("it is not signed")
	}
}

func TestWebhookRefusesHeadersThatAreNotItsUsersToSet(t *testing.T) {
	const own, connection, other = "vodworker sets it itself", "it is about the connection", "it asks for an answer that may not say"
	for name, want := range map[string]string{
		"Host": own, "content-length": own, "Content-Type": own, "Content-Encoding": own, "webhook-id": own, "Webhook-Signature": own,
		"WEBHOOK-MINE": own, "Connection": connection, "keep-alive": connection, "Proxy-Authenticate": connection,
		"Proxy-Authorization": connection, "Proxy-Connection": connection, "TE": connection, "Trailer": connection,
		"Accept-Encoding": other, "expect": other, "Range": other, "If-None-Match": other, "IF-Modified-Since": other,
		"Transfer-Encoding": connection, "Upgrade": connection, "ce-type": "write format: cloudevents-binary",
		"Ce-Mine": "write format: cloudevents-binary", "X Token": "headers: a name has a character", "X-Tökn": "headers: a name has",
		"X-Token:": "headers: a name has", "": "headers: a name has",
	} {
		err := sink.WebhookOptions{URL: "http://a", Headers: map[string]string{name: "hunter2"}}.Validate()
		if text := fmt.Sprint(err); !strings.Contains(text, want) || strings.Contains(text, "hunter2") || !strings.Contains(text, "; ") {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
	for value, want := range map[string]string{
		"": "it is empty", "hunter2\r\nX: y": "line break", "hunter2\nx": "line break", "hunter2\x00": "control character",
		"hunter2\x7f": "control character", "hunter2é": "not ASCII", "hunter2\xff": "not ASCII", " hunter2": "white space",
		"hunter2\n": "white space",
	} {
		err := sink.WebhookOptions{URL: "http://a", Headers: map[string]string{"X-Token": value}}.Validate()
		text := fmt.Sprint(err)
		if !strings.HasPrefix(text, "headers.X-Token: ") || !strings.Contains(text, want) || strings.Contains(text, "hunter2") {
			t.Errorf("%q: got %v, want %s", value, err, want)
		}
	}
	for want, opts := range map[string]sink.WebhookOptions{
		"headers.x-a: X-A is given too, ":                      {URL: "http://a", Headers: map[string]string{"X-A": "1", "x-a": "2"}},
		"headers.Authorization: the URL has a user name":       {URL: "http://u@a", Headers: map[string]string{"Authorization": "1"}},
		"headers_file.X-A: nobody has read the file":           {URL: "http://a", HeadersFile: map[string]string{"X-A": "file"}},
		"headers_file.X-A: it is empty":                        {URL: "http://a", Headers: map[string]string{"X-A": ""}, HeadersFile: map[string]string{"X-A": "f"}},
		"ca_file: it does nothing, since the URL is http":      {URL: "http://a", CAFile: "ca.pem"},
		"cert_file: it does nothing, since the URL is http":    {URL: "http://a", CertFile: "c", KeyFile: "k"},
		"key_file: it is missing; name the file of":            {URL: "https://a", CertFile: "c"},
		"cert_file: it is missing; name the file of":           {URL: "https://a", KeyFile: "k"},
		"success.json: it is missing":                          {URL: "http://a", Success: &condition.Condition{In: []string{"0"}}},
		"success: it does not say what to look for; write one": {URL: "http://a", Success: &condition.Condition{JSON: "code"}},
	} {
		if err := opts.Validate(); !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A page for debugging quotes a long token again and again: none of them is shown in part.
func TestWebhookHidesLongValuesWhereverAnAnswerIsCut(t *testing.T) {
	token := strings.Repeat("hunter2.", 1000)
	for _, answer := range []string{
		"A:" + token + " B:" + token + " C:" + token + " D:" + token + " E:" + token + " F:" + token + " G:" + token,
		strings.Repeat(" ", 4<<10-10) + token,
		strings.Repeat(" \x00", 4<<10-100) + strings.Join(strings.Split(token, ""), "\x00"), // UTF-16
		strings.Repeat(".", 100) + strings.Repeat(url.QueryEscape("/"), 1500) + token,
	} {
		hook := answering(t, sink.WebhookOptions{Headers: map[string]string{"Authorization": "Bearer " + token}},
			func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(500)
				io.WriteString(w, answer)
			})
		if err := hook.Handle(t.Context(), event(uploadJSON)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestWebhookHidesTheValuesOfHeadersInAnAnswer(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("vodhookuser:hunter2/deep"))
	raw := base64.RawStdEncoding.EncodeToString([]byte("user1:hunter2"))
	for header, forms := range map[[2]string][]string{
		{"Authorization", "Bearer hunter2/+deep"}: {"Bearer hunter2/+deep", "hunter2/+deep", `hunter2\/+deep`, "hunter2%2F%2Bdeep", "hunter2/&#43;deep"},
		{"Authorization", "Basic " + basic}:       {"Basic " + basic, basic, "vodhookuser:hunter2/deep", "vodhookuser", "hunter2/deep"},
		{"Cookie", `a=hunter2; b="hunter3"`}:      {`a=hunter2; b="hunter3"`, "hunter2", "hunter3"},
		{"X-Token", "hunter2"}:                    {"hunter2", "h\x00u\x00n\x00t\x00e\x00r\x002\x00"},
		{"Authorization", "Bearer  hunter2"}:      {"hunter2"},
		{"Authorization", "Bearer\thunter2"}:      {"hunter2"},
		{"Authorization", "Token id1 hunter2"}:    {"hunter2", "id1 hunter2"},
		{"Authorization", "ApiKey id1:hunter2"}:   {"hunter2", "id1:hunter2"},
		{"X-Api", "key=a=hunter2"}:                {"hunter2", "a=hunter2"},
		{"Authorization", "Basic  " + raw}:        {raw, "hunter2", "user1"},
	} {
		var answer string
		hook := answering(t, sink.WebhookOptions{Headers: map[string]string{header[0]: header[1]}},
			func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(403)
				io.WriteString(w, "<"+answer+">")
			})
		for _, answer = range forms {
			if err := hook.Handle(t.Context(), event(uploadJSON)); err == nil || !strings.HasSuffix(err.Error(), "403 Forbidden: <***>") {
				t.Errorf("%s: got %v", answer, err)
			}
		}
	}
}
