package rabbitmq_test

import (
	"fmt"
	"testing"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

func TestRabbitMQIsASink(t *testing.T) {
	server := newServer(t)
	for _, test := range []struct {
		name       string
		kind       string
		format     sink.Format
		unroutable rabbitmq.Unroutable
	}{
		{"quorum", quorum, sink.FormatCallback, rabbitmq.UnroutableWaits},
		{"classic", classic, sink.FormatCallback, rabbitmq.UnroutableFails},
		{"cloudevents", classic, sink.FormatCloudEvents, ""},
		{"cloudevents-binary", classic, sink.FormatCloudEventsBinary, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) sinktest.Harness {
				p := server.place(test.kind)
				gate := newGate(t, p.address)
				o := p.options()
				o.URL, o.Format, o.Unroutable = "amqp://"+gate.address, test.format, test.unroutable
				noQueue := func() (over func()) { p.unbind(); return p.bind }
				h := sinktest.Harness{
					Sink: open(t, o), Arrived: p.arrived, HasIDs: true, Secrets: []string{user, password},
					Break: noQueue, Leave: gate.leave, Hang: gate.hang, Held: gate.held,
				}
				if test.unroutable == rabbitmq.UnroutableFails {
					h.Refuse, h.Break = noQueue, nil
				}
				return h
			})
		})
	}
}

// With a classic queue the sink does nothing else.
func TestRabbitMQKeepsWhatBrokersPromise(t *testing.T) {
	brokertest.Need(t, program)
	brokertest.Run(t, func(t *testing.T) brokertest.Harness { return newServer(t).place(quorum).harness(t) })
}

func TestServe(t *testing.T) {
	brokertest.Serve(t, func(t *testing.T) (handler string, h brokertest.Harness) {
		p := newServer(t).place(quorum)
		return fmt.Sprintf("rabbitmq: {url: %q, exchange: %s, routing_key: vod, username: %s, password: %s}", "amqp://"+p.address, p.name, user, password), p.harness(t)
	})
}

func (p *place) harness(t *testing.T) brokertest.Harness {
	o := p.options()
	o.MaxMessageBytes = 1 << 20
	named := o
	named.RoutingKey, named.UnknownTypes = "vod.{type}.{file_id}", sink.UnknownTypesAsIs
	return brokertest.Harness{
		Open: func() sink.Sink { return open(t, o) }, Read: p.messages, Server: p.Process,
		Delete: p.delete, Make: p.make, TooLarge: o.MaxMessageBytes,
		OpenNamed: func() sink.Sink { return open(t, named) },
	}
}
