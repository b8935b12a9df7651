package rabbitmq_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

func reachBlames(t *testing.T, server *server) {
	p := server.place(classic)
	for name, test := range map[string]struct {
		change func(*rabbitmq.Options)
		want   string
	}{
		"no such exchange": {func(o *rabbitmq.Options) { o.Exchange = "nowhere" }, "exchange: RabbitMQ says 404 NOT_FOUND - no exchange 'nowhere' in vhost '/'"},
		"no such queue":    {func(o *rabbitmq.Options) { o.Exchange, o.RoutingKey = "", "nowhere" }, "routing_key: RabbitMQ says 404 NOT_FOUND - no queue 'nowhere' in vhost '/'"},
		"a wrong password": {func(o *rabbitmq.Options) { o.Password = "wrong" }, "password: RabbitMQ has closed the connection during the login; look at the user and the password, or it is restarting"},
		"no such vhost":    {func(o *rabbitmq.Options) { o.URL += "/nowhere" }, "url: the user may not use this vhost: 530 NOT_ALLOWED - vhost nowhere not found"},
		"no right to a vhost": {func(o *rabbitmq.Options) { o.URL += "/a%2Fb"; o.Username = stranger },
			"url: the user may not use this vhost: 530 NOT_ALLOWED - access to vhost 'a/b' refused"},
		"no TLS there": {func(o *rabbitmq.Options) { o.URL = strings.Replace(o.URL, "amqp:", "amqps:", 1) }, "url: " + p.address + " speaks no TLS; is it the port for amqps?"},
	} {
		o := p.options()
		test.change(&o)
		_, err := opened(t, o).Reach(t.Context())
		if _, is := errors.AsType[*sink.OptionError](err); !is || fmt.Sprint(err) != test.want || errors.Is(err, sink.ErrUnreached) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

func reachFinds(t *testing.T, server *server) {
	p := server.place(classic)
	for name, test := range map[string]struct{ exchange, key, want string }{
		"an exchange": {p.name, "x", "exchange " + p.name + ` can be reached (version "3.`},
		"a queue":     {"", p.name, "queue " + p.name + ` can be reached (version "3.`},
		"any queue":   {"", "{type}", "so none was looked for"},
	} {
		o := p.options()
		o.Exchange, o.RoutingKey = test.exchange, test.key
		if found, err := opened(t, o).Reach(t.Context()); err != nil || !strings.Contains(found, test.want) {
			t.Errorf("%s: found %q, %v", name, found, err)
		}
	}
}

func risks(t *testing.T, server *server) {
	type queue struct {
		durable, autoDelete bool
		args                amqp.Table
	}
	for name, test := range map[string]struct {
		queue
		want string // empty: none
	}{
		"durable":                  {queue{true, false, nil}, ""},
		"quorum":                   {queue{true, false, amqp.Table{amqp.QueueTypeArg: quorum}}, ""},
		"not durable":              {queue{false, false, nil}, "is not durable"},
		"deleted with a consumer":  {queue{true, true, nil}, "when its last consumer goes"},
		"one that removes itself":  {queue{true, false, amqp.Table{amqp.QueueTTLArg: int32(1000)}}, "removes itself"},
		"with a limit of messages": {queue{true, false, amqp.Table{amqp.QueueMaxLenArg: int32(10)}}, ""},
	} {
		p := server.place(classic)
		declare := func(c *amqp.Channel) error {
			_, err := c.QueueDeclare(p.name+"-q", test.durable, test.autoDelete, false, false, test.args)
			return err
		}
		server.on(declare)
		o := p.options()
		o.Exchange, o.RoutingKey = "", p.name+"-q"
		got, err := opened(t, o).Risks(t.Context())
		if text := strings.Join(got, " "); err != nil || !strings.Contains(text, test.want) || (test.want == "") != (len(got) == 0) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		server.on(declare) // as it was
		o.Username = writer
		if got, err := opened(t, o).Risks(t.Context()); err == nil || !strings.Contains(err.Error(), "without the permission to configure it") {
			t.Errorf("%s: got %q, %v, want that it can't be known", name, got, err)
		}
	}
	o := server.place(classic).options()
	if got, err := opened(t, o).Risks(t.Context()); err == nil || !strings.Contains(err.Error(), "AMQP does not show which queues") {
		t.Errorf("got %q, %v, want that it can't be known", got, err)
	}
	o.Exchange, o.RoutingKey = "", "never-made"
	if got, err := opened(t, o).Risks(t.Context()); err == nil {
		t.Errorf("got %q for a queue that is not there", got)
	}
	server.on(func(c *amqp.Channel) error { _, err := c.QueueDelete("never-made", false, false, false); return err })
}
