package sink_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// started returns the event of a task with such a SessionContext.
func started(context string) events.Event {
	return event(fmt.Sprintf(`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"SessionContext":%s}}`, quote(context)))
}

// uploaded returns the event of an upload with such a SourceContext.
func uploaded(context string) events.Event {
	return event(fmt.Sprintf(
		`{"EventType":"NewFileUpload","FileUploadEvent":{"MediaBasicInfo":{"SourceInfo":{"SourceContext":%s}}}}`, quote(context)))
}

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

func TestATraceGoesOnWithItsEvent(t *testing.T) {
	for _, context := range []string{
		trace, `{"traceparent":"` + trace + `"}`, ` {"order": 7, "traceparent": "` + trace + `", "tracestate": "a=b"}`,
	} {
		for _, e := range []events.Event{
			started(context), uploaded(context),
			event(`{"version":"4.0","eventType":"NewFileUpload","data":{"sourceContext":` + quote(context) + `}}`),
		} {
			if got := messageOf(t, e).Traceparent; got != trace {
				t.Errorf("%s: %q", e.Raw, got)
			}
		}
	}
	if got := messageOf(t, started("cc"+trace[2:])).Traceparent; got != "cc"+trace[2:] {
		t.Errorf("of a later version: %q", got)
	}
}

func TestWhatIsNoTraceDoesNotGoOn(t *testing.T) {
	for _, context := range []string{
		"", "order-1", "ff" + trace[2:], strings.ToUpper(trace), trace[:3] + strings.ToUpper(trace[3:35]) + trace[35:], trace[:36] + strings.ToUpper(trace[36:]), trace + "-x", trace + "\n", " " + trace, trace[:54],
		"00-" + strings.Repeat("0", 32) + trace[35:], trace[:36] + strings.Repeat("0", 16) + trace[52:], strings.ReplaceAll(trace, "-", "_"),
		`["` + trace + `"]`, `{"traceparent":["` + trace + `"]}`, `{"a":{"traceparent":"` + trace + `"}}`, `{"traceparent":"` + trace + `"`,
		`{"traceparent":"x"}`, `{"Traceparent":"` + trace + `"}`,
	} {
		for _, e := range []events.Event{started(context), uploaded(context)} {
			if got := messageOf(t, e).Traceparent; got != "" {
				t.Errorf("%s: %q", e.Raw, got)
			}
		}
	}
}

func TestATraceIsAHeaderAndAnExtensionOfTheCloudEvent(t *testing.T) {
	server, posts := receive(t)
	for format, want := range map[sink.Format]struct{ ce, body string }{
		sink.FormatCallback:          {},
		sink.FormatCloudEvents:       {body: trace},
		sink.FormatCloudEventsBinary: {ce: trace},
	} {
		hook := newWebhook(t, sink.WebhookOptions{URL: server.URL, Format: format})
		for _, e := range []events.Event{started(trace), started("none")} {
			if err := hook.Handle(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			got := <-posts
			var body struct{ Traceparent string }
			if err := json.Unmarshal(got.body, &body); err != nil {
				t.Fatal(err)
			}
			if e.SessionContext() == "none" {
				if len(got.header["Traceparent"])+len(got.header["Ce-Traceparent"])+len(body.Traceparent) > 0 {
					t.Errorf("%s: %v %s", format, got.header, got.body)
				}
				continue
			}
			if h := got.header; h.Get("Traceparent") != trace || h.Get("Ce-Traceparent") != want.ce || body.Traceparent != want.body {
				t.Errorf("%s: %v %s", format, h, got.body)
			}
		}
	}
}

func messageOf(t *testing.T, e events.Event) sink.Message {
	t.Helper()
	m, err := sink.NewMessage(e, "")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What goes on as a header or a variable comes from whoever may start a task, or forge a callback.
func FuzzTraceparent(f *testing.F) {
	form := regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)
	for _, context := range []string{trace, `{"traceparent":"` + trace + `"}`, "ff" + trace[2:], trace + "\n", `{"traceparent":`, "[[[["} {
		f.Add(context)
	}
	f.Fuzz(func(t *testing.T, context string) {
		got := messageOf(t, started(context)).Traceparent
		if got == "" {
			return
		}
		ids := strings.Split(got, "-")
		if len(got) != 55 || !form.MatchString(got) || ids[0] == "ff" || strings.Trim(ids[1], "0") == "" || strings.Trim(ids[2], "0") == "" {
			t.Errorf("%q of %q", got, context)
		}
		if !strings.Contains(context, got) && !strings.Contains(context, `\`) {
			t.Errorf("%q is not in %q", got, context)
		}
	})
}
