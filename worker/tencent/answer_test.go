package tencent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// actions are the calls of a Source. The sign key that is sent is hunter2.
var actions = map[string]func(ctx context.Context, s *tencent.Source) error{
	"PullEvents": func(ctx context.Context, s *tencent.Source) error { _, err := s.PullAnswer(ctx); return err },
	"ConfirmEvents": func(ctx context.Context, s *tencent.Source) error {
		_, err := s.ConfirmAnswer(ctx, []string{"1"})
		return err
	},
	"DescribeEventConfig": func(ctx context.Context, s *tencent.Source) error { _, err := s.Settings(ctx); return err },
	"ModifyEventConfig": func(ctx context.Context, s *tencent.Source) error {
		key := "hunter2"
		return s.ChangeSettings(ctx, tencent.SettingsChange{SignKey: &key})
	},
	"DescribeEventsState": func(ctx context.Context, s *tencent.Source) error { _, err := s.Backlog(ctx); return err },
}

const good = `{"Response":{"Mode":"PULL","CountOfEventsToPull":1,"RequestId":"r"}}`

// with is an answer of 200 with a header.
func with(name, value, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(name, value)
		fmt.Fprint(w, text)
	}
}

func TestAnAnswerThatMakesNoSenseIsATransientErrorOfEveryAction(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"another status":     page(202, good),
		"no content":         page(204, ""),
		"a part":             page(206, good),
		"a page":             with("Content-Type", "text/html", "<html>"),
		"null as a stream":   with("Content-Type", "text/event-stream", "null"),
		"a stream":           with("Content-Type", "text/event-stream", "data: {}\n\n"),
		"as gzip":            with("Content-Encoding", "gzip", good),
		"as deflate":         with("Content-Encoding", "deflate", good),
		"as what nobody has": with("Content-Encoding", "zstd, br", good),
		"a null that failed": page(500, "null"),
	}
	for _, text := range []string{
		"null", " null\n", "true", "0", "1e9", `"text"`, "[]", "[{}]", "[null]", "{}", good + "x", good + good, "\ufeff" + good,
		`{"Response":null}`, `{"Response":0}`, `{"Response":"x"}`, `{"Response":[]}`, `{"Response":true}`, `{"response":{"RequestId":"r"}}`,
		`{"Response":{}}`, `{"Response":{"RequestId":""}}`, `{"Response":{"RequestId":null}}`, `{"Response":{"RequestId":7}}`,
		`{"Response":{"RequestId":["r"]}}`, `{"Response":{"RequestId":" \u001b\n"}}`, `{"Response":{"RequestId":"` + strings.Repeat("r", 1000) + `"}}`,
		`{"Response":{"Error":{},"RequestId":"r"}}`, `{"Response":{"Error":{"Code":"","Message":"m"},"RequestId":"r"}}`,
		`{"Response":{"Error":{"Code":null},"RequestId":"r"}}`, `{"Response":{"Error":{"Code":7},"RequestId":"r"}}`,
		`{"Response":{"Error":{"Code":"\u001b\u202e"},"RequestId":"r"}}`, `{"Response":{"error":{"Message":"m"},"RequestId":"r"}}`,
		`{"Response":{"Error":"","RequestId":"r"}}`, `{"Response":{"Error":"x","RequestId":"r"}}`, `{"Response":{"Error":0,"RequestId":"r"}}`,
		`{"Response":{"Error":false,"RequestId":"r"}}`, `{"Response":{"Error":[],"RequestId":"r"}}`,
		`{"Response":{"Error":null,"Error":{},"RequestId":"r"}}`, `{"Response":{"RequestId":"r"},"Response":{"Error":{"Code":"X"}}}`,
		`{"code":0,"codeDesc":"Success"}`, `{"code":4000,"message":"m"}`,
		strings.Repeat("[", 40_000), `{"Response":` + strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_001),
		`{"Response":{"RequestId":"r","X":` + strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000) + "}}",
	} {
		answers[fmt.Sprintf("%.60s", text)] = body(text)
	}
	for name, answer := range answers {
		source := newSource(t, tencent.Options{Endpoint: answering(t, answer), From: tencent.Origins{Endpoint: "THE_ENDPOINT"}})
		for action, call := range actions {
			err := call(t.Context(), source)
			api, ok := errors.AsType[*tencent.Error](err)
			if !ok || !isTransient(err) || api.Reason != tencent.ReasonUnreachable || api.Code != "ClientError.BadAnswer" ||
				!strings.Contains(api.Hint, "THE_ENDPOINT") {
				t.Errorf("%s answered %s: %+v", action, name, api)
			}
		}
	}
}

func TestAnErrorThatIsNullIsNone(t *testing.T) {
	for _, text := range []string{
		good, strings.Replace(good, "{", " { ", 2), strings.Replace(good, `"RequestId"`, `"Error":null,"RequestId"`, 1),
	} {
		for _, kind := range []string{"application/json; charset=utf-8", "text/event-stream", "application/octet-stream"} {
			source := newSource(t, tencent.Options{Endpoint: answering(t, with("Content-Type", kind, text))})
			for action, call := range actions {
				if err := call(t.Context(), source); err != nil {
					t.Errorf("%s answered %s as %s: %v", action, text, kind, err)
				}
			}
		}
	}
}

func TestAnEventSetThatIsNoListIsNoEmptyQueue(t *testing.T) {
	for set, empty := range map[string]bool{
		`null`: true, `[]`: true, `[ ]`: true,
		`"x"`: false, `""`: false, `"[]"`: false, `{}`: false, `{"EventHandle":"1","EventType":"X"}`: false,
		`0`: false, `7`: false, `true`: false, `false`: false, `[],"EventSet":[{"EventHandle":"1"}]`: false,
	} {
		source := newSource(t, tencent.Options{Endpoint: answering(t, body(`{"Response":{"EventSet":`+set+`,"RequestId":"r"}}`))})
		batch, err := source.Pull(t.Context())
		if (err == nil) != empty || err != nil && !isTransient(err) || len(batch.Events) > 0 {
			t.Errorf("EventSet %s: %v, %v", set, batch, err)
		}
	}
}

// What VOD said before it had a Response was a number and a name.
func TestAnErrorInTheOldFormIsAnAnswer(t *testing.T) {
	source := newSource(t, tencent.Options{Endpoint: answering(t, body(`{"code":4000,"codeDesc":"InvalidParameter","message":"no"}`))})
	if err := source.Confirm(t.Context(), []string{"1"}); !errors.Is(err, worker.ErrRefused) {
		t.Errorf("Confirm: %v", err)
	}
}

func TestARedirectIsAnErrorAndNothingGoesThere(t *testing.T) {
	var there atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		there.Add(1)
		fmt.Fprint(w, good)
	}))
	defer elsewhere.Close()
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308, 399} {
		source := newSource(t, tencent.Options{
			Endpoint: answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", elsewhere.URL+"/?ticket=hunter3")
				w.WriteHeader(status)
				if status != http.StatusNotModified {
					fmt.Fprint(w, good)
				}
			}),
			From:        tencent.Origins{Endpoint: "THE_ENDPOINT"},
			Credentials: &tencent.Credentials{SecretID: "AKID", SecretKey: "secret", Token: "token"},
		})
		for action, call := range actions {
			err := call(t.Context(), source)
			if !isTransient(err) || !strings.Contains(err.Error(), "look at THE_ENDPOINT") ||
				!strings.Contains(err.Error(), elsewhere.URL) || strings.Contains(err.Error(), "hunter3") {
				t.Errorf("%s answered with status %d: %v", action, status, err)
			}
		}
	}
	if n := there.Load(); n > 0 {
		t.Errorf("%d calls went elsewhere", n)
	}
}

func TestOfMoreThanSixteenEventsTheOthersAreLeft(t *testing.T) {
	var set strings.Builder
	for i := range 40 {
		fmt.Fprintf(&set, `{"EventHandle":"%d","EventType":"X"},`, i)
	}
	source := newSource(t, tencent.Options{Endpoint: answering(t, body(`{"Response":{"EventSet":[`+set.String()+`null],"RequestId":"r"}}`))})
	batch, err := source.Pull(t.Context())
	if err != nil || len(batch.Events) != worker.MaxBatch || batch.Events[15].Handle != "15" {
		t.Errorf("%d events, %v", len(batch.Events), err)
	}
	answer, err := source.PullAnswer(t.Context())
	want := `{"EventSet":[` + strings.SplitAfter(set.String(), `"EventHandle":"15","EventType":"X"}`)[0] + `],"RequestId":"r"}`
	if err != nil || string(answer) != want {
		t.Errorf("%s, %v", answer, err)
	}
}

// A few bytes must not become gigabytes, nor a few megabytes hundreds of them.
func TestAnAnswerCostsMemoryInProportionToItsSize(t *testing.T) {
	const size = 2 << 20
	most := uint64(10 * size)
	if underRaceDetector() {
		most = 12 * size // it has allocations of its own
	}
	answers := map[string]string{
		"numbers":      `{"Response":{"RequestId":"r","EventSet":[` + strings.Repeat("0,", size/2) + `0]}}`,
		"lists":        `{"Response":{"RequestId":"r","EventSet":[` + strings.Repeat("[],", size/3) + `0]}}`,
		"nested lists": `{"Response":{"RequestId":"r","EventSet":[` + strings.Repeat(strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+",", size/18000) + `0]}}`,
		"too deep":     `{"Response":{"RequestId":"r","EventSet":` + strings.Repeat("[", size),
		"members":      `{"Response":{"RequestId":"r",` + strings.Repeat(`"":0,`, size/5) + `"EventSet":[]}}`,
		"no Response":  `{"RequestId":"` + strings.Repeat("r", size) + `"}`,
		"no JSON":      strings.Repeat("r", size),
	}
	for name, answer := range answers {
		source := newSource(t, tencent.Options{Endpoint: answering(t, body(answer))})
		for action, call := range actions {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := call(t.Context(), source)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > most {
				t.Errorf("%s answered %s: %d MiB for %d", action, name, took>>20, size>>20)
			}
			if action != "PullEvents" && (err == nil || !strings.Contains(err.Error(), "larger than 1 MB")) {
				t.Errorf("%s answered %s: %v", action, name, err)
			}
		}
	}
}

func underRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
