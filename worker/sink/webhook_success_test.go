package sink_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

var (
	codeIsZero = &condition.Condition{JSON: "code", In: []string{"0"}}
	yes, no    = true, false
)

// answering returns a webhook whose receiver gives this answer.
func answering(t *testing.T, opts sink.WebhookOptions, answer http.HandlerFunc) *sink.Webhook {
	t.Helper()
	opts.URL = serve(t, answer).URL
	return newWebhook(t, opts)
}

func saying(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) }
}

// Most frameworks, and all chat robots, refuse with a 200.
func TestWebhookTakesOnlyABodyThatSuccessTakesForSuccess(t *testing.T) {
	long := `{"code":0,"x":"` + strings.Repeat("x", 64<<10) + `"}`
	for _, test := range []struct {
		success condition.Condition
		body    string
		want    string // behind "answered 200 OK, but "; empty: success
	}{
		{*codeIsZero, `{"code":0}`, ""},
		{*codeIsZero, `{"code":"0"}`, ""},
		{*codeIsZero, "\ufeff{\"code\":0}\r\n", ""},
		{*codeIsZero, `{"code":500,"msg":"no"}`, `success does not take its code: {"code":500,"msg":"no"}`},
		{*codeIsZero, `{"errcode":310000}`, `its body has no code, which success looks at: {"errcode":310000}`},
		{*codeIsZero, `{"code":null}`, `its body has no code, which success looks at: {"code":null}`},
		{*codeIsZero, `{"code":0}{}`, `its body is no JSON, and success needs that: {"code":0}{}`},
		{*codeIsZero, "{\"code\":0,\"msg\":\"\xd5\\\"}", "its body is not in UTF-8, and success needs JSON that is; answer in UTF-8: {\"code\":0,\"msg\":\"\ufffd\\\"}"},
		{*codeIsZero, "ok", "its body is no JSON, and success needs that: ok"},
		{*codeIsZero, "", "it has no body, and success needs JSON"},
		{*codeIsZero, `[0]`, `its body has no code, which success looks at: [0]`},
		{*codeIsZero, strings.Repeat("[", 60<<10), "its body is no JSON, and success needs that: " + strings.Repeat("[", 200) + "…"},
		{*codeIsZero, long, "success looks at no body of more than 64 KiB: " + long[:200] + "…"},
		{condition.Condition{JSON: "error", Exists: &no}, `"error: refused"`, `its body is no JSON object, which could lack error: "error: refused"`},
		{condition.Condition{JSON: "error", Exists: &no}, `[{"error":"refused"}]`, `its body is no JSON object, which could lack error: [{"error":"refused"}]`},
		{condition.Condition{JSON: "data.0.ok", In: []string{"true"}}, `{"data":[{"ok":true}]}`, ""},
		{condition.Condition{JSON: "code", NotIn: []string{"500"}}, `{"code":1}`, ""},
		{condition.Condition{JSON: "code", NotIn: []string{"500"}}, `{}`, "its body has no code, which success looks at: {}"},
		{condition.Condition{JSON: "msg", Prefix: "OK"}, `{"msg":"OK, thanks"}`, ""},
		{condition.Condition{JSON: "error", Exists: &no}, `{}`, ""},
		{condition.Condition{JSON: "error", Exists: &no}, `{"error":"full"}`, `success does not take its error: {"error":"full"}`},
		{condition.Condition{JSON: "error", Exists: &no}, `oops`, "its body is no JSON, and success needs that: oops"},
		{condition.Condition{JSON: "id", Exists: &yes}, `{"id":1}`, ""},
	} {
		hook := answering(t, sink.WebhookOptions{Success: &test.success}, saying(test.body))
		err := hook.Handle(t.Context(), event(uploadJSON))
		want := "post to " + hook.String() + ": answered 200 OK, but " + test.want
		if test.want == "" && err != nil || test.want != "" && (!ordinary(err) || err.Error() != want) {
			t.Errorf("%.100s: got %v\nwant %s", test.body, err, want)
		}
	}
}

func TestWebhookTakesNoBodyForSuccessThatItDoesNotSee(t *testing.T) {
	for want, answer := range map[string]http.HandlerFunc{
		"answered 200 OK, but its body is compressed, and success reads none that is": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			io.WriteString(zip, `{"code":0}`)
			zip.Close()
		},
		`answered 200 OK, but its body was cut off: {"code":0}`: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "11")
			io.WriteString(w, `{"code":0}`)
		},
		"answered 204 No Content, but it has no body, and success needs JSON": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
		},
	} {
		err := answering(t, sink.WebhookOptions{Success: codeIsZero}, answer).Handle(t.Context(), event(uploadJSON))
		if !ordinary(err) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestWebhookWithSuccessJudgesOtherAnswersAsBefore(t *testing.T) {
	for status, is := range map[int]func(error) bool{400: worker.IsPermanent, 429: worker.IsUnreachable, 302: worker.IsUnreachable, 500: ordinary} {
		hook := answering(t, sink.WebhookOptions{Success: codeIsZero}, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, `{"code":0}`)
		})
		if err := hook.Handle(t.Context(), event(uploadJSON)); !is(err) {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestWebhookObeysRetryAfterOfABodyThatIsNoSuccess(t *testing.T) {
	hook := answering(t, sink.WebhookOptions{Success: codeIsZero}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		io.WriteString(w, `{"code":500}`)
	})
	if err := hook.Handle(t.Context(), event(uploadJSON)); !asks(err, 7*time.Second) || worker.IsUnreachable(err) {
		t.Errorf("got %v, want a pause of 7 s", err)
	}
}

// The status does not decide, so the body has as long as the try.
func TestWebhookWithSuccessWaitsForTheBody(t *testing.T) {
	for _, test := range []struct{ after, want time.Duration }{{20 * time.Second, 20 * time.Second}, {time.Hour, 25 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble", Success: codeIsZero})
			server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(200)
				http.NewResponseController(w).Flush()
				select {
				case <-time.After(test.after):
				case <-r.Context().Done():
				}
				io.WriteString(w, `{"code":0}`)
			})
			defer server.Close()
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			err := hook.Handle(ctx, event(uploadJSON))
			if took := time.Since(start); took != test.want {
				t.Errorf("took %v, want %v", took, test.want)
			}
			const late = "post to http://bubble: answered 200 OK, but its body was cut off: context deadline exceeded"
			if test.after < 25*time.Second && err != nil {
				t.Errorf("a body that comes late, but in time: %v", err)
			} else if test.after > 25*time.Second && (!errors.Is(err, context.DeadlineExceeded) || !ordinary(err) || err.Error() != late) {
				t.Errorf("got %v, want %s", err, late)
			}
		})
	}
}

func TestWebhookWarnsOnceOfA2xxThatLooksLikeARefusal(t *testing.T) {
	for body, advice := range map[string]string{
		`{"code":500,"msg":"no"}`:       "json: code, in: [0, 200]",
		`{"errcode":310000}`:            "json: errcode, in: [0, 200]",
		`{"ErrCode":1}`:                 "json: ErrCode, in: [0, 200]",
		`{"errno":-1}`:                  "json: errno, in: [0, 200]",
		`{"ret":1}`:                     "json: ret, in: [0, 200]",
		`{"status":404}`:                "json: status, in: [0, 200]",
		`{"code":"500"}`:                "json: code, in: [0, 200]",
		`{"success":false}`:             "json: success, in: [true]",
		`{"success":false,"code":500}`:  "json: success, in: [true]",
		`{"ok":false}`:                  "json: ok, in: [true]",
		`{"success":"False"}`:           "json: success, in: [true]",
		`{"error_code":7}`:              "json: error_code, in: [0, 200]",
		`{"errorCode":"7"}`:             "json: errorCode, in: [0, 200]",
		`{"retcode":7}`:                 "json: retcode, in: [0, 200]",
		`{"StatusCode":503}`:            "json: StatusCode, in: [0, 200]",
		`{"code":10000,"ok":"true"}`:    "",
		`{"code":500,"success":true}`:   "",
		`{"code":0,"data":{"code":9}}`:  "",
		`{"code":0}`:                    "",
		`{"code":200}`:                  "",
		`{"code":"0000"}`:               "",
		`{"code":"OK"}`:                 "",
		`{"code":null}`:                 "",
		`{"status":"error"}`:            "",
		`{"success":true,"code":10000}`: "",
		`[{"code":500}]`:                "",
		`code 500`:                      "",
		`500`:                           "",
		``:                              "",
	} {
		for _, passing := range []bool{false, true} {
			var log bytes.Buffer
			hook := answering(t, sink.WebhookOptions{Log: zerolog.New(&log), Passing: passing, Headers: map[string]string{"X": "secret-no"}},
				saying(strings.Replace(body, `"no"`, `"secret-no"`, 1)))
			for range 3 {
				if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
					t.Errorf("%s: %v", body, err)
				}
			}
			said := strings.Count(log.String(), `"level":"warn"`) == 1 && strings.Count(log.String(), "\n") == 1 &&
				strings.Contains(log.String(), "write success: {"+advice+"} under webhook")
			if advice == "" && log.Len() > 0 || advice != "" && !said || strings.Contains(log.String(), "secret-no") {
				t.Errorf("%s: want advice %q once, as a warning; logged %s", body, advice, &log)
			}
		}
	}
}

func TestWebhookSuspectsNoBodyThatItDoesNotSee(t *testing.T) {
	for what, answer := range map[string]http.HandlerFunc{
		"cut off": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "99") },
		"coded":   func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Encoding", "br") },
	} {
		var log bytes.Buffer
		hook := answering(t, sink.WebhookOptions{Log: zerolog.New(&log)}, func(w http.ResponseWriter, r *http.Request) {
			answer(w, r)
			io.WriteString(w, `{"code":500}`)
		})
		if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil || log.Len() > 0 {
			t.Errorf("%s: %v, %s", what, err, &log)
		}
	}
}

func FuzzWebhookReadsAnyBody(f *testing.F) {
	for _, body := range []string{`{"code":0}`, `{"success":false}`, "\ufeff{}", `{"code":1e999}`, `{"a":[{"code":"-5"}]}`, "[[["} {
		f.Add([]byte(body), "code")
	}
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		for _, success := range []*condition.Condition{nil, {JSON: path, In: []string{"0"}}, {JSON: path, Exists: &no}} {
			opts := sink.WebhookOptions{URL: "http://bubble", Success: success}
			if opts.Validate() != nil {
				return
			}
			err := newWebhook(t, opts).Answered(t.Context(), 200, body)
			if success == nil && err != nil || err != nil && (!ordinary(err) || strings.ContainsAny(fmt.Sprint(err), "\n\r\x1b")) {
				t.Errorf("%q: %v", body, err)
			}
		}
	})
}
