package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

// Broker returns what the place has in common with other brokers; nil if it is none.
func (p Place) Broker() *sink.BrokerOptions {
	switch {
	case p.Kafka != nil:
		return &p.Kafka.BrokerOptions
	case p.NATS != nil:
		return &p.NATS.BrokerOptions
	case p.Redis != nil:
		return &p.Redis.BrokerOptions
	case p.RabbitMQ != nil:
		return &p.RabbitMQ.BrokerOptions
	}
	return nil
}

// warnOfLogin finds a secret that goes to another machine unencrypted. Kafka's mechanisms but PLAIN do not send it, nor do the
// credentials of NATS.
func (c *Config) warnOfLogin(place Place, key string) {
	option, addresses, encrypted := place.sendsSecret()
	for i, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || strings.HasPrefix(encrypted, u.Scheme+"://") || isLocal(u.Hostname()) {
			continue
		}
		if option != "url" {
			option = fmt.Sprintf("%s[%d]", option, i)
		}
		c.warn(join(join(key, place.Kind()), option), "the password goes to %s unencrypted, and whoever is between can read it; "+
			"write %s", u.Hostname(), encrypted)
		return
	}
}

// sendsSecret returns the URLs to which a broker's secret is sent, their key, and what encrypts the way there; no URLs if none is.
func (p Place) sendsSecret() (key string, urls []string, encrypted string) {
	switch broker := p.Broker(); {
	case broker == nil:
	case p.NATS != nil && broker.Password+p.NATS.Token != "":
		return "servers", p.NATS.Servers, "tls://"
	case broker.Password == "":
	case p.Kafka != nil && p.Kafka.Mechanism == kafka.Plain && !p.Kafka.TLS:
		for _, address := range p.Kafka.Brokers {
			urls = append(urls, "kafka://"+address)
		}
		return "brokers", urls, "tls: true"
	case p.Redis != nil:
		return "url", []string{p.Redis.URL}, "rediss://"
	case p.RabbitMQ != nil:
		return "url", []string{p.RabbitMQ.URL}, "amqps://"
	}
	return "", nil, ""
}
