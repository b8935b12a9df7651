package rabbitmq

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

// A message is what is published, and under which routing key.
type message struct {
	key string
	amqp.Publishing
}

// prefix is that of a CloudEvent's attributes in AMQP 1.0: there is no binding for AMQP 0-9-1.
const prefix = "cloudEvents_"

// maxHeader is how long all headers may be, in bytes. They are in one frame: if it were too large, the broker would close the connection.
const maxHeader = 64 << 10

func (s *Sink) message(e events.Event) (message, error) {
	key, err := s.key.Of(e)
	if err != nil {
		return message{}, err
	}
	if len(key) > maxName {
		return message{}, worker.Permanent(fmt.Errorf("its routing key would have %d bytes; the protocol takes %d", len(key), maxName))
	}
	m, err := sink.NewMessage(e, s.opts.Format)
	if err != nil {
		return message{}, err
	}
	if len(m.Body) > s.opts.MaxMessageBytes { // the broker would close the channel, for all that is in flight on it
		return message{}, worker.Permanent(fmt.Errorf("it has %d bytes, more than max_message_bytes, which is %d", len(m.Body), s.opts.MaxMessageBytes))
	}
	header, size := amqp.Table{}, 0
	for _, field := range broker.Fields(e, m, prefix) {
		if field.Name != "content-type" { // a property
			header[field.Name] = field.Value
			size += len(field.Name) + len(field.Value)
		}
	}
	if size > maxHeader {
		return message{}, worker.Permanent(fmt.Errorf("its headers have %d bytes, more than %d", size, maxHeader))
	}
	return message{key, amqp.Publishing{
		Headers: header, ContentType: m.ContentType, DeliveryMode: amqp.Persistent, MessageId: m.ID, Body: m.Body,
	}}, nil
}
