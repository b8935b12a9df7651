package sink_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// BenchmarkWebhook measures what is ours of a post: net/http's connections are not in it.
func BenchmarkWebhook(b *testing.B) {
	for _, bench := range []struct {
		name string
		opts sink.WebhookOptions
	}{
		{"unsigned", sink.WebhookOptions{}},
		{"signed", sink.WebhookOptions{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
		{"cloudevents", sink.WebhookOptions{Format: sink.FormatCloudEvents}},
		{"cloudevents-binary", sink.WebhookOptions{Format: sink.FormatCloudEventsBinary}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bench.opts.URL = "http://" + nobody
			hook, err := sink.NewWebhook(bench.opts)
			if err != nil {
				b.Fatal(err)
			}
			hook.AnswerWith(atOnce{})
			benchmark(b, hook)
		})
	}
}

// atOnce answers each post with a 204 when it has been read.
type atOnce struct{}

func (atOnce) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, err
}

// BenchmarkStdout measures the lines: the json ones are those of a file too.
func BenchmarkStdout(b *testing.B) {
	for _, format := range []sink.StdoutFormat{sink.StdoutText, sink.StdoutJSON} {
		b.Run(string(format), func(b *testing.B) {
			stdout, err := sink.NewStdout(io.Discard, sink.StdoutOptions{Format: format})
			if err != nil {
				b.Fatal(err)
			}
			benchmark(b, stdout)
		})
	}
}

// benchmark hands a task flow of 6 KB to a sink, as VOD sends it, with the unused keys as null.
func benchmark(b *testing.B, to sink.Sink) {
	content, err := vodtest.Fixture(string(events.ProcedureStateChanged))
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, content); err != nil {
		b.Fatal(err)
	}
	e := event(`{"EventHandle":"tdmq830894830510495700",` + compact.String()[1:])
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Raw)))
	for b.Loop() {
		if err := to.Handle(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
}
