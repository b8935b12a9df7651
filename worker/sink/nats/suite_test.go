package nats

import (
	"fmt"
	"os"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Check(m)) }

func TestItIsASink(t *testing.T) {
	for _, format := range []sink.Format{sink.FormatCallback, sink.FormatCloudEvents, sink.FormatCloudEventsBinary} {
		t.Run(string(format), func(t *testing.T) {
			program := current(t)
			sinktest.Run(t, func(t *testing.T) sinktest.Harness {
				b := newServer(t, program, "")
				return b.sinkHarness(open(t, b.options(func(o *Options) { o.Format = format })))
			})
		})
	}
}

func (b *server) sinkHarness(s *Sink) sinktest.Harness {
	return sinktest.Harness{
		Sink: s, HasIDs: true, Secrets: []string{secret}, Traces: b.state, Held: b.connections,
		Arrived: func() (all []sinktest.Arrival, err error) {
			messages, err := b.read()
			for _, m := range messages {
				if m.Header["content-type"] == "application/cloudevents+json" {
					m.Body = []byte(gjson.GetBytes(m.Body, "data").Raw)
				}
				all = append(all, sinktest.Arrival{ID: m.ID, Body: m.Body})
			}
			return all, err
		},
		Refuse: func() (over func()) { return b.set(func(c *jetstream.StreamConfig) { c.MaxMsgSize = 10 }) },
		Break: func() (over func()) {
			return b.set(func(c *jetstream.StreamConfig) { c.MaxBytes, c.Discard = 10, jetstream.DiscardNew })
		},
		Hang:  func() (over func()) { b.Freeze(); return b.Thaw },
		Leave: func() (over func()) { b.Stop(); return b.Start },
	}
}

func TestItKeepsWhatSinksOfBrokersPromise(t *testing.T) {
	program := current(t)
	brokertest.Run(t, func(t *testing.T) brokertest.Harness { return newServer(t, program, "").harness(t) })
}

func TestServe(t *testing.T) {
	brokertest.Serve(t, func(t *testing.T) (handler string, h brokertest.Harness) {
		b := newServer(t, current(t), "")
		return fmt.Sprintf("nats: {servers: [%q], stream: %s, subject: \"vod.{type}\", username: %s, password: %s}", "nats://"+b.addr, streamName, username, secret), b.harness(t)
	})
}

func TestItKeepsThatWithAnOldServerToo(t *testing.T) {
	brokertest.Need(t, "nats-server")
	brokertest.Run(t, func(t *testing.T) brokertest.Harness { return newServer(t, "nats-server", "").harness(t) })
}

func current(t *testing.T) (program string) {
	t.Helper()
	brokertest.Need(t)
	return brokertest.NATSServer(t)
}
