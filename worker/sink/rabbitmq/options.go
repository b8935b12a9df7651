package rabbitmq

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

// Options say to which exchange of which RabbitMQ a [Sink] publishes.
//
// Who logs in: Username with Password; without a Username whom the client certificate names (SASL EXTERNAL); without that too guest,
// which RabbitMQ lets in from its own machine only.
type Options struct {
	// URL is amqp://host:port/vhost, or amqps:// for encrypted connections. Port and vhost may be left out: 5672 or 5671, and /. A
	// slash in the vhost is %2F. A host with several addresses is tried at each of them. Required.
	URL string `yaml:"url"`

	// Exchange must exist. Empty: the default exchange, which routes to the queue that the routing key names.
	Exchange string `yaml:"exchange"`

	// RoutingKey may have fields of the event in it: {type}, {sub_app_id} and {file_id}; {{ is a brace. Required without an Exchange.
	RoutingKey string `yaml:"routing_key"`

	// Unroutable says what an event is that no queue takes. Empty: [UnroutableWaits].
	Unroutable Unroutable `yaml:"unroutable"`

	// MaxMessageBytes is the max_message_size of the server, or less: what is larger is not sent. 0: 16 MiB, the default of
	// RabbitMQ 4.
	MaxMessageBytes int `yaml:"max_message_bytes"`

	sink.BrokerOptions `yaml:",inline"`
}

// Unroutable says what becomes of an event for which the exchange has no queue.
type Unroutable string

const (
	UnroutableWaits Unroutable = "wait" // until there is one: as if the broker were down

	// UnroutableFails: it is given up at once. Only with quorum queues: a queue that is missing for a moment, since its only node
	// restarts or it is being made anew, makes dead letters of its events, if other events succeed meanwhile.
	UnroutableFails Unroutable = "dead_letter"
)

const (
	defaultMaxMessageBytes = 16 << 20
	minMaxMessage          = 1 << 10
	maxName                = 255 // bytes of an exchange or a routing key, in the protocol
)

// Validate fails if a sink could not work with these options: its errors are [*sink.OptionError] values. It reads no file.
func (o Options) Validate() error {
	_, err := o.parse()
	return err
}

// A target is where Options say that events go.
type target struct {
	address string // host:port
	host    string
	vhost   string
	tls     bool
	key     broker.Name
}

// server names the server, and the vhost if it is not the usual one.
func (t target) server() string {
	if t.vhost == "/" {
		return t.address
	}
	return t.address + "/" + url.PathEscape(t.vhost)
}

func (o Options) parse() (target, error) {
	t, err := parseURL(o.URL)
	if err != nil {
		return target{}, &sink.OptionError{Key: "url", Err: err}
	}
	if t.key, err = o.parseKey(); err != nil {
		return target{}, &sink.OptionError{Key: "routing_key", Err: err}
	}
	switch o.Unroutable {
	case "", UnroutableWaits, UnroutableFails:
	default:
		return target{}, &sink.OptionError{Key: "unroutable", Err: fmt.Errorf("it must be %s or %s", UnroutableWaits, UnroutableFails)}
	}
	switch {
	case len(o.Exchange) > maxName:
		return target{}, &sink.OptionError{Key: "exchange", Err: fmt.Errorf("it is too long; an exchange's name has at most %d bytes", maxName)}
	case o.MaxMessageBytes != 0 && o.MaxMessageBytes < minMaxMessage:
		return target{}, &sink.OptionError{Key: "max_message_bytes", Err: errors.New("hardly an event is so small, so each would be refused; write the max_message_size of the server")}
	}
	return t, o.BrokerOptions.Validate(t.tls, sink.FormatCallback, sink.FormatCloudEvents, sink.FormatCloudEventsBinary)
}

func (o Options) parseKey() (broker.Name, error) {
	if o.Exchange == "" && o.RoutingKey == "" {
		return broker.Name{}, errors.New("it is missing; name the queue here, or an exchange in exchange")
	}
	key, err := broker.ParseName(o.RoutingKey, o.UnknownTypes, broker.FieldType, broker.FieldApp, broker.FieldFile)
	if err != nil {
		return broker.Name{}, err
	}
	if fixed, is := key.Fixed(); is && len(fixed) > maxName {
		return broker.Name{}, fmt.Errorf("it is too long; a routing key has at most %d bytes", maxName)
	}
	return key, nil
}

var defaultPorts = map[string]string{"amqp": "5672", "amqps": "5671"}

func parseURL(text string) (target, error) {
	u, err := url.Parse(text) // its error quotes the text, with the password that may stand there
	switch {
	case text == "":
		return target{}, errors.New("it is missing; write amqp://host/vhost")
	case err != nil:
		return target{}, errors.New("it is not a URL; write amqp://host/vhost")
	case defaultPorts[u.Scheme] == "":
		return target{}, errors.New("it begins with neither amqp:// nor amqps://; write amqp://host/vhost")
	case u.User != nil:
		return target{}, errors.New("there is a login in it; write it into username and password_file")
	case u.Hostname() == "":
		return target{}, errors.New("there is no host in it; write amqp://host/vhost")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return target{}, errors.New("there is more than a host and a vhost in it; take out what begins with ? or #")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return target{}, errors.New("its port is not from 1 to 65535; write another, or none")
		}
	}
	vhost := strings.TrimPrefix(u.EscapedPath(), "/")
	if strings.Contains(vhost, "/") {
		return target{}, errors.New("its vhost has a slash; write %2F for it")
	}
	if vhost, err = url.PathUnescape(vhost); err != nil || len(vhost) > maxName {
		return target{}, errors.New("its vhost can't be one; write at most 255 bytes, and what is odd among them as %XX")
	}
	return target{
		address: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), defaultPorts[u.Scheme])),
		host:    u.Hostname(), vhost: cmp.Or(vhost, "/"), tls: u.Scheme == "amqps",
	}, nil
}
