package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/worker/sink"
)

// Reach connects, logs in and sees whether the exchange is there, or the queue if the default exchange routes all events to one. It
// publishes nothing: whether it might can't be seen. It takes some 10 s at most.
func (s *Sink) Reach(ctx context.Context) (found string, err error) {
	err = s.dial(ctx, func(conn *amqp.Connection, raw net.Conn) error {
		if err := s.seeExchange(conn); err != nil {
			return err
		}
		version, _ := conn.Properties["version"].(string)
		found = fmt.Sprintf("%s can be reached (version %.20q); nothing was published", s.name, version)
		if queue, is := s.queue(); is {
			if err := s.seeQueue(conn, queue); err != nil {
				return err
			}
		} else if s.opts.Exchange == "" {
			found += "; which queue it is depends on the event, so none was looked for"
		}
		hangUp(conn, raw)
		return nil
	})
	return found, err
}

// queue returns the one queue to which events go, if there is no exchange in between.
func (s *Sink) queue() (name string, is bool) {
	fixed, is := s.key.Fixed()
	return fixed, is && s.opts.Exchange == ""
}

// seeExchange fails if the exchange is not there. A broker that does not have it closes the channel, which is none that others use.
func (s *Sink) seeExchange(conn *amqp.Connection) error {
	if s.opts.Exchange == "" {
		return nil // always there
	}
	return onChannel(conn, "exchange", func(channel *amqp.Channel) error {
		return channel.ExchangeDeclarePassive(s.opts.Exchange, amqp.ExchangeDirect, true, false, false, false, nil)
	})
}

func (s *Sink) seeQueue(conn *amqp.Connection, name string) error {
	return onChannel(conn, "routing_key", func(channel *amqp.Channel) error {
		_, err := channel.QueueDeclarePassive(name, true, false, false, false, nil)
		return err
	})
}

// onChannel calls do with a channel of its own. What the broker then answers is about the option with that key.
func onChannel(conn *amqp.Connection, key string, do func(*amqp.Channel) error) error {
	channel, err := conn.Channel()
	if err != nil {
		return said(err)
	}
	if err := do(channel); err != nil {
		if answer, is := errors.AsType[*amqp.Error](err); is && answer.Server {
			return &sink.OptionError{Key: key, Err: fmt.Errorf("RabbitMQ says %w", said(err))}
		}
		return fmt.Errorf("%w: %w", sink.ErrUnreached, said(err))
	}
	return said(channel.Close())
}

// Risks returns what is wrong with the queue, as far as AMQP shows it: whether it outlives a restart of the broker. That takes the
// permission to configure the queue. Behind an exchange AMQP shows no queues: that is an error.
func (s *Sink) Risks(ctx context.Context) (risks []string, err error) {
	queue, is := s.queue()
	if !is {
		return nil, fmt.Errorf("AMQP does not show which queues %s routes to; see with rabbitmqctl list_bindings and "+
			"rabbitmqctl list_queues name type durable auto_delete policy arguments that each of them is durable and drops nothing", s.name)
	}
	err = s.dial(ctx, func(conn *amqp.Connection, raw net.Conn) error {
		if err := s.seeQueue(conn, queue); err != nil {
			return err
		}
		if risks, err = queueRisks(conn, queue); err != nil {
			return err
		}
		hangUp(conn, raw)
		return nil
	})
	return risks, err
}

// queueRisks asks for a durable queue that removes itself when it is not used for a second. The broker refuses that, since there is a queue
// of that name which is not like this, and says in what they differ first. Should the queue vanish in between, what is made instead
// vanishes too.
func queueRisks(conn *amqp.Connection, name string) ([]string, error) {
	channel, err := conn.Channel()
	if err != nil {
		return nil, said(err)
	}
	_, err = channel.QueueDeclare(name, true, false, false, false, amqp.Table{amqp.QueueTTLArg: int32(1000)})
	if err == nil {
		return []string{fmt.Sprintf("queue %s removes itself, with all that is in it, when nobody has used it for a second; "+
			"make it again without x-expires", name)}, said(channel.Close())
	}
	answer, is := errors.AsType[*amqp.Error](err)
	switch {
	case is && answer.Code == amqp.AccessRefused:
		return nil, fmt.Errorf("whether queue %s is durable can't be seen without the permission to configure it; "+
			"see with rabbitmqctl list_queues name durable auto_delete", name)
	case !is || answer.Code != amqp.PreconditionFailed:
		return nil, fmt.Errorf("see whether queue %s is durable: %w", name, said(err))
	case strings.Contains(answer.Reason, "inequivalent arg 'durable'"):
		return []string{fmt.Sprintf("queue %s is not durable: an event that was accepted is lost when the broker restarts; "+
			"make it again as a quorum queue, or a durable one", name)}, nil
	case strings.Contains(answer.Reason, "inequivalent arg 'auto_delete'"):
		return []string{fmt.Sprintf("queue %s is deleted, with all that is in it, when its last consumer goes; "+
			"make it again without auto_delete", name)}, nil
	}
	return nil, nil
}
