package rabbitmq_test

import (
	"fmt"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

// A place is an exchange with one queue.
type place struct {
	*server
	name string // of both
	kind string // of the queue
	read []amqp.Delivery
}

const quorum, classic = "quorum", "classic"

func (s *server) place(kind string) *place {
	p := &place{server: s, name: fmt.Sprintf("vod-%d", numbered.Add(1)), kind: kind}
	p.make()
	return p
}

func (p *place) make() {
	p.on(func(c *amqp.Channel) error {
		if err := c.ExchangeDeclare(p.name, amqp.ExchangeTopic, true, false, false, false, nil); err != nil {
			return err
		}
		_, err := c.QueueDeclare(p.name, true, false, false, false, amqp.Table{amqp.QueueTypeArg: p.kind})
		return err
	})
	p.bind()
}

func (p *place) bind() {
	p.on(func(c *amqp.Channel) error { return c.QueueBind(p.name, "#", p.name, false, nil) })
}
func (p *place) unbind() {
	p.on(func(c *amqp.Channel) error { return c.QueueUnbind(p.name, "#", p.name, nil) })
}

// delete deletes the exchange too.
func (p *place) delete() {
	p.read = nil
	p.on(func(c *amqp.Channel) error {
		if err := c.ExchangeDelete(p.name, false, false); err != nil {
			return err
		}
		_, err := c.QueueDelete(p.name, false, false, false)
		return err
	})
}

// all returns what has come into the queue since it was made.
func (p *place) all() []amqp.Delivery {
	p.on(func(c *amqp.Channel) error {
		for {
			delivery, there, err := c.Get(p.name, true)
			if err != nil || !there {
				return err
			}
			p.read = append(p.read, delivery)
		}
	})
	return p.read
}

func (p *place) arrived() (all []sinktest.Arrival, err error) {
	for _, delivery := range p.all() {
		body := delivery.Body
		if delivery.ContentType == "application/cloudevents+json" {
			body = []byte(gjson.GetBytes(body, "data").Raw)
		}
		all = append(all, sinktest.Arrival{ID: delivery.MessageId, Body: body})
	}
	return all, nil
}

func (p *place) messages() (all []brokertest.Message) {
	for _, delivery := range p.all() {
		header := map[string]string{}
		for name, value := range delivery.Headers {
			header[name] = fmt.Sprint(value)
		}
		all = append(all, brokertest.Message{ID: header["vod-event-id"], Body: delivery.Body, Header: header})
	}
	return all
}

// options are those of a sink that publishes to the place.
func (p *place) options() rabbitmq.Options {
	o := rabbitmq.Options{URL: "amqp://" + p.address, Exchange: p.name, RoutingKey: "vod.{type}"}
	o.Username, o.Password = user, password
	return o
}

func open(t testing.TB, o rabbitmq.Options) *rabbitmq.Sink {
	t.Helper()
	s, err := rabbitmq.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// opened closes the sink with the test.
func opened(t testing.TB, o rabbitmq.Options) *rabbitmq.Sink {
	t.Helper()
	s := open(t, o)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
