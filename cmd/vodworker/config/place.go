package config

import (
	"cmp"
	"errors"
	"reflect"
	"strings"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
	"github.com/vodworker/vodworker/worker/sink/nats"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// A Place is where events go: exactly one of its fields is set, the options of the sink that is there.
type Place struct {
	Stdout  *sink.StdoutOptions  `yaml:"stdout"`
	File    *sink.FileOptions    `yaml:"file"`
	Exec    *sink.ExecOptions    `yaml:"exec"`
	Webhook *sink.WebhookOptions `yaml:"webhook"`

	Kafka    *kafka.Options    `yaml:"kafka"`
	NATS     *nats.Options     `yaml:"nats"`
	Redis    *redis.Options    `yaml:"redis"`
	RabbitMQ *rabbitmq.Options `yaml:"rabbitmq"`
}

// Clone returns a place whose options can be changed.
func (p Place) Clone() Place {
	for _, value := range reflect.ValueOf(&p).Elem().Fields() {
		if !value.IsNil() {
			own := reflect.New(value.Type().Elem())
			own.Elem().Set(value.Elem())
			value.Set(own)
		}
	}
	return p
}

// withDefaults returns a place with what a zero stands for.
func (p Place) withDefaults() Place {
	p = p.Clone()
	switch broker := p.Broker(); {
	case p.Stdout != nil:
		p.Stdout.Format = cmp.Or(p.Stdout.Format, sink.StdoutText)
	case p.Webhook != nil:
		p.Webhook.Format = cmp.Or(p.Webhook.Format, sink.FormatCallback)
	case broker != nil:
		broker.Format = cmp.Or(broker.Format, sink.FormatCallback)
		broker.UnknownTypes = cmp.Or(broker.UnknownTypes, sink.UnknownTypesOther)
	}
	return p
}

// Kind returns the key of the place that is set, such as webhook; nothing if none is.
func (p Place) Kind() string {
	if keys, _ := p.given(); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// Options returns what is set, such as a *sink.WebhookOptions; nil if nothing is.
func (p Place) Options() any {
	if _, options := p.given(); len(options) > 0 {
		return options[0]
	}
	return nil
}

// given returns the keys of the places that are set, and their options.
func (p Place) given() (keys []string, options []any) {
	for field, value := range reflect.ValueOf(p).Fields() {
		if !value.IsNil() {
			keys, options = append(keys, nameOfField(field)), append(options, value.Interface())
		}
	}
	return keys, options
}

// validatePlace notes an error unless exactly one place is set, with options that its sink accepts.
func (c *Config) validatePlace(p Place, key string) {
	switch given, _ := p.given(); len(given) {
	case 0:
		c.source.note(key, "the handler has no place for events; write one of %s, such as stdout: {}",
			strings.Join(namesOf(reflect.TypeFor[Place]()), ", "))
	case 1:
		c.validateOptions(p, key)
	default:
		c.source.note(join(key, given[1]), "the handler has two places, %s and %s; make two handlers of it",
			given[0], given[1])
	}
}

// validateOptions has a sink look at its options, which are below the key.
func (c *Config) validateOptions(p Place, key string) {
	options, ok := p.Options().(interface{ Validate() error })
	if !ok {
		return
	}
	key = join(key, p.Kind())
	err := options.Validate()
	if option, is := errors.AsType[*sink.OptionError](err); is {
		at := join(key, option.Key)
		if option.Key == "success.json" && c.isReplaced(at, p.Webhook.Success.JSON) { // the text says more than may be shown
			c.bad(at, replacedPath)
			return
		}
		c.bad(at, "%v", option.Err)
	} else if err != nil {
		c.bad(key, "%v", err)
	}
}
