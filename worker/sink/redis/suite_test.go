package redis_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

const uploadJSON = `{"EventHandle":"h1","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5285890784273533167"}}`

// event returns the event that a worker makes of content.
func event(content string) events.Event { return events.Split([]byte("[" + content + "]"))[0] }

// open returns a sink that is closed when the test ends.
func open(t testing.TB, opts redis.Options) *redis.Sink {
	t.Helper()
	if opts.Stream == "" {
		opts.Stream = "vod"
	}
	s, err := redis.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closing is open, for tests of which the suite does not close the sink.
func closing(t testing.TB, opts redis.Options) *redis.Sink {
	t.Helper()
	s := open(t, opts)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var login = sink.BrokerOptions{Username: "vod-user", Password: "hunter2-of-ours"}

func TestItIsASink(t *testing.T) {
	for name, opts := range map[string]redis.Options{
		"callback":   {BrokerOptions: login},
		"one by one": {BrokerOptions: sink.BrokerOptions{Username: login.Username, Password: login.Password, MaxInFlight: 1}},
		"cloudevents, with a replica": {Replicas: 1,
			BrokerOptions: sink.BrokerOptions{Format: sink.FormatCloudEvents, Username: login.Username, Password: login.Password}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sinktest.Run(t, func(t *testing.T) sinktest.Harness {
				f := newFake(t)
				opts.URL = f.url()
				return sinktest.Harness{
					Sink: open(t, opts), HasIDs: true, Secrets: []string{login.Username, login.Password},
					Arrived: func() ([]sinktest.Arrival, error) {
						f.mu.Lock()
						defer f.mu.Unlock()
						return arrivals(f.entries), nil
					},
					Hang:  f.hang,
					Leave: func() (over func()) { f.leave(); return f.listen },
					Break: func() (over func()) {
						return f.refuses("OOM command not allowed for " + login.Username + ":" + login.Password)
					},
					Held: f.held,
				}
			})
		})
	}
}

// arrivals reads entries.
func arrivals(entries [][]string) (all []sinktest.Arrival) {
	for _, entry := range entries {
		fields := map[string]string{}
		for i := 0; i < len(entry); i += 2 {
			fields[entry[i]] = entry[i+1]
		}
		all = append(all, sinktest.Arrival{ID: fields["vod-event-id"], Body: eventIn(fields)})
	}
	return all
}

// eventIn returns the bytes of the event, of which a CloudEvent has some around it.
func eventIn(fields map[string]string) []byte {
	if fields["content-type"] != "application/cloudevents+json" {
		return []byte(fields["body"])
	}
	return []byte(gjson.Get(fields["body"], "data").Raw)
}
