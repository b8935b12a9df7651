package kafka

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

// Options say to which topic of which Kafka a [Sink] writes.
type Options struct {
	// Brokers are addresses of some of the cluster's brokers, host:port, each once. The others are learned from them. Required.
	Brokers []string `yaml:"brokers"`

	// Topic may have fields of the event in it: {type} and {sub_app_id}; {{ is a brace. Required. Topics have to be there: the sink
	// makes none.
	Topic string `yaml:"topic"`

	// TLS has connections be encrypted.
	TLS bool `yaml:"tls"`

	// Mechanism is how Username and Password log in. Required with them, and only with them.
	Mechanism Mechanism `yaml:"mechanism"`

	// MaxMessageBytes is the max.message.bytes of the topics: an event that is larger, with its headers, is refused for good. From
	// 1 KiB to 32 MiB; 0: Kafka's default, 1,048,588.
	MaxMessageBytes int `yaml:"max_message_bytes"`

	sink.BrokerOptions `yaml:",inline"`
}

// A Mechanism is one of SASL's.
type Mechanism string

// The mechanisms that a [Sink] knows, by the names that Kafka gives them.
const (
	Plain       Mechanism = "PLAIN"
	ScramSHA256 Mechanism = "SCRAM-SHA-256"
	ScramSHA512 Mechanism = "SCRAM-SHA-512"
)

const (
	defaultMaxMessage = 1_048_588
	minMaxMessage     = 1 << 10
	maxBuffered       = 32 << 20 // bytes of events that are on their way
)

var formats = []sink.Format{sink.FormatCallback, sink.FormatCloudEvents, sink.FormatCloudEventsBinary}

// Validate fails if no broker is named or one that is no address, if the topic can't be one of Kafka's, if a login is there in part,
// and for the reasons of [sink.BrokerOptions.Validate]. But for a negative MaxInFlight, its errors are [*sink.OptionError] values. It
// reads no file.
func (o Options) Validate() error {
	_, err := o.parse()
	return err
}

// parse returns the name of the topic.
func (o Options) parse() (topic broker.Name, err error) {
	if err := validBrokers(o.Brokers); err != nil {
		return topic, err
	}
	if err := o.BrokerOptions.Validate(o.TLS, formats...); err != nil {
		return topic, err
	}
	if err := o.validLogin(); err != nil {
		return topic, err
	}
	switch {
	case o.MaxMessageBytes != 0 && (o.MaxMessageBytes < minMaxMessage || o.MaxMessageBytes > maxBuffered):
		return topic, &sink.OptionError{Key: "max_message_bytes", Err: fmt.Errorf("it is out of range; write %d to %d bytes, as the topic has it", minMaxMessage, maxBuffered)}
	case o.Topic == "":
		return topic, &sink.OptionError{Key: "topic", Err: errors.New("it is missing; name the topic that events go to")}
	}
	topic, err = broker.ParseName(o.Topic, o.UnknownTypes, broker.FieldType, broker.FieldApp)
	if err == nil {
		var example string
		example, err = topic.Of(events.Event{}) // with the shortest values
		if err == nil && !isTopic(example) {
			err = errors.New("this can't be the name of a topic; write up to 249 letters, digits, dots, _ and -")
		}
	}
	if err != nil {
		return topic, &sink.OptionError{Key: "topic", Err: err}
	}
	return topic, nil
}

func validBrokers(brokers []string) error {
	if len(brokers) == 0 {
		return &sink.OptionError{Key: "brokers", Err: errors.New("it is missing; write the addresses of some of the cluster's brokers, host:port")}
	}
	seen := map[string]bool{}
	for i, address := range brokers {
		wrong := func(text string) error {
			return &sink.OptionError{Key: fmt.Sprintf("brokers[%d]", i), Err: errors.New(text)}
		}
		host, port, err := net.SplitHostPort(address)
		number, notNumber := strconv.ParseUint(port, 10, 16)
		switch {
		case strings.Contains(address, "@"):
			return wrong("there is a login in it; write host:port, and the login as username and password_file")
		case strings.Contains(address, "/"):
			return wrong("it is a URL; write host:port, and tls: true where connections are encrypted")
		case err != nil || host == "" || notNumber != nil || number == 0 || strings.ContainsAny(host, " \t\r\n,"):
			return wrong("it is no address; write host:port")
		case seen[strings.ToLower(address)]:
			return wrong("it is there twice; write it once")
		}
		seen[strings.ToLower(address)] = true
	}
	return nil
}

func (o Options) validLogin() error {
	switch o.Mechanism {
	case "", Plain, ScramSHA256, ScramSHA512:
	default:
		return &sink.OptionError{Key: "mechanism", Err: fmt.Errorf("there is no such mechanism here; write %s, %s or %s", Plain, ScramSHA256, ScramSHA512)}
	}
	switch {
	case o.Mechanism != "" && o.Username == "":
		return &sink.OptionError{Key: "username", Err: errors.New("it is missing; write who logs in, or take out the mechanism")}
	case o.Username != "" && o.Mechanism == "":
		return &sink.OptionError{Key: "mechanism", Err: fmt.Errorf("it is missing; write how the brokers take logins: %s, %s or %s", Plain, ScramSHA256, ScramSHA512)}
	}
	return nil
}

// maxTopic is how long the name of a topic may be, in bytes.
const maxTopic = 249

// isTopic knows Kafka's rule for names.
func isTopic(name string) bool {
	return name != "" && len(name) <= maxTopic && name != "." && name != ".." && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}
