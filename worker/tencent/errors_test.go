package tencent_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestARefusedHandleIsErrRefused(t *testing.T) {
	server := vodtest.NewServer(t, vodtest.Config{})
	err := newSource(t, tencent.Options{Endpoint: server.URL}).Confirm(t.Context(), []string{"unknown"})
	if !errors.Is(err, worker.ErrRefused) || errors.Is(err, worker.ErrFatal) {
		t.Errorf("Confirm: %v", err)
	}
}

func TestAWrongKeySaysWhereToLook(t *testing.T) {
	server := vodtest.NewServer(t, vodtest.Config{})
	tests := map[string]struct {
		id, key   string
		code, say string
	}{
		"id":  {"AKIDunknown", "emulator", "AuthFailure.SecretIdNotFound", "look at MY_ID"},
		"key": {"AKIDemulator", "hunter2hunter2", "AuthFailure.SignatureFailure", "look at MY_KEY"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			source := newSource(t, tencent.Options{Endpoint: server.URL, Credentials: &tencent.Credentials{
				SecretID: test.id, IDFrom: "MY_ID", SecretKey: test.key, KeyFrom: "MY_KEY",
			}})
			_, err := source.Pull(t.Context())
			var api *tencent.Error
			if !errors.As(err, &api) || !errors.Is(err, worker.ErrFatal) {
				t.Fatalf("Pull: %v", err)
			}
			if api.Code != test.code || !strings.Contains(err.Error(), test.say) || api.RequestID == "" {
				t.Errorf("Pull: %v", err)
			}
			if strings.Contains(err.Error(), test.key) {
				t.Errorf("the error holds the secret key: %v", err)
			}
		})
	}
}

// answering serves one fixed answer to every call.
func answering(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func TestOddAnswersAreTransientErrors(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"an HTML 502": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>"+strings.Repeat("bad gateway ", 10000))
		},
		"HTML with status 200":      body("<html>"),
		"nothing":                   body(""),
		"{}":                        body("{}"),
		"a null Response":           body(`{"Response":null}`),
		"a Response that is a list": body(`{"Response":[]}`),
		"half an answer":            body(`{"Response":{"EventSet":[{"EventHandle":"1","EventTy`),
		"a cut connection": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"Response":{"EventSet":[]}}`)
		},
		"a closed connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a status 500 with events": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"Response":{"EventSet":[{"EventHandle":"1","EventType":"X"}]}}`)
		},
		"deep nesting": body(`{"Response":` + strings.Repeat("[", 3<<20)),
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			source := newSource(t, tencent.Options{Endpoint: answering(t, answer)})
			batch, pull := source.Pull(t.Context())
			if len(batch.Events) > 0 {
				t.Errorf("events: %v", batch.Events)
			}
			for action, err := range map[string]error{"Pull": pull, "Confirm": source.Confirm(t.Context(), []string{"1"})} {
				switch {
				case err == nil:
					t.Errorf("%s: no error", action)
				case errors.Is(err, worker.ErrFatal), errors.Is(err, worker.ErrRefused), errors.Is(err, worker.ErrThrottled):
					t.Errorf("%s: %v is not transient", action, err)
				case len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\n\r"):
					t.Errorf("%s: unfit for a line of log: %.600s", action, err)
				}
			}
		})
	}
}

func TestAnAnswerOver50MBIsAnError(t *testing.T) {
	source := newSource(t, tencent.Options{Endpoint: answering(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"Response":{"EventSet":[]},"Filler":"`)
		chunk := []byte(strings.Repeat("x", 1<<20))
		for range 51 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
		fmt.Fprint(w, `"}`)
	})})
	if _, err := source.Pull(t.Context()); err == nil || !strings.Contains(err.Error(), "larger than 50 MB") {
		t.Errorf("Pull: %v", err)
	}
}

func TestCodesAreClassifiedByTheirLongestKnownPart(t *testing.T) {
	kinds := map[string]error{
		"RequestLimitExceeded":                              worker.ErrThrottled,
		"RequestLimitExceeded.UinLimitExceeded":             worker.ErrThrottled,
		"RequestLimitExceeded.GlobalRegionUinLimitExceeded": worker.ErrThrottled,
		"AuthFailure.SignatureFailure":                      worker.ErrFatal,
		"AuthFailure.NeverSeen":                             worker.ErrFatal,
		"AuthFailure.SignatureExpire":                       nil,
		"UnauthorizedOperation.CamNoAuth":                   worker.ErrFatal,
		"FailedOperation.InvalidVodUser":                    worker.ErrFatal,
		"FailedOperation.DBError":                           nil,
		"FailedOperation":                                   nil,
		"InternalError.Whatever":                            nil,
		"InvalidParameterValue":                             worker.ErrFatal,
		"InvalidParameterValue.SubAppId":                    worker.ErrFatal,
		"MissingParameter":                                  worker.ErrFatal,
		"ResourceNotFound.UserNotExist":                     worker.ErrFatal,
		"Brand.New.Code":                                    nil,
	}
	code := ""
	url := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"Response":{"Error":{"Code":%q,"Message":"two\nlines"},"RequestId":"req-1"}}`, code)
	})
	source := newSource(t, tencent.Options{Endpoint: url})
	for c, want := range kinds {
		code = c
		_, err := source.Pull(t.Context())
		var api *tencent.Error
		if !errors.As(err, &api) || api.Code != c || api.Action != "PullEvents" || api.Message != "two lines" || api.RequestID != "req-1" {
			t.Errorf("%s: %+v", c, api)
		}
		for _, kind := range []error{worker.ErrThrottled, worker.ErrFatal, worker.ErrRefused} {
			if errors.Is(err, kind) != (kind == want) {
				t.Errorf("%s is %v: %v", c, kind, errors.Is(err, kind))
			}
		}
		if want == worker.ErrFatal && api.Hint == "" || strings.Contains(api.Hint, "{") {
			t.Errorf("%s: hint %q", c, api.Hint)
		}
	}
}
