package rabbitmq_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

// Whether options are valid is seen without the broker and the files that they name: none of these is there.
func TestOptionsAreValidatedWithoutABroker(t *testing.T) {
	t.Chdir(t.TempDir())
	const host = "amqp://nowhere.invalid"
	long := strings.Repeat("x", 256)
	for want, all := range map[string][]rabbitmq.Options{
		"<nil>": {
			{URL: host, RoutingKey: "vod"},
			{URL: host + "/", Exchange: "vod"},
			{URL: "amqps://[::1]:5671/%2Fprod", Exchange: "vod", RoutingKey: "{type}.{sub_app_id}.{file_id}", Unroutable: rabbitmq.UnroutableFails},
			{URL: host, RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{Format: sink.FormatCloudEventsBinary}},
		},
		"url: it is missing; write amqp://host/vhost": {{RoutingKey: "vod"}},
		"url: it is not a URL; write amqp://host/vhost": {
			{URL: "amqp://user:hunter2@%zz", RoutingKey: "vod"},
		},
		"url: it begins with neither amqp:// nor amqps://; write amqp://host/vhost":                                          {{URL: "http://nowhere.invalid", RoutingKey: "vod"}},
		"url: there is a login in it; write it into username and password_file":                                              {{URL: "amqp://user:hunter2@nowhere.invalid", RoutingKey: "vod"}},
		"url: there is no host in it; write amqp://host/vhost":                                                               {{URL: "amqp:///vhost", RoutingKey: "vod"}},
		"url: there is more than a host and a vhost in it; take out what begins with ? or #":                                 {{URL: host + "/?heartbeat=0", RoutingKey: "vod"}, {URL: host + "#x", RoutingKey: "vod"}},
		"url: its vhost has a slash; write %2F for it":                                                                       {{URL: host + "/a/b", RoutingKey: "vod"}},
		"url: its vhost can't be one; write at most 255 bytes, and what is odd among them as %XX":                            {{URL: host + "/" + long, RoutingKey: "vod"}},
		"routing_key: it is missing; name the queue here, or an exchange in exchange":                                        {{URL: host}},
		"routing_key: it is too long; a routing key has at most 255 bytes":                                                   {{URL: host, RoutingKey: long}},
		"routing_key: {task} is no field here; write {type}, {sub_app_id}, {file_id}, or {{ for a brace":                     {{URL: host, RoutingKey: "{task}"}},
		"exchange: it is too long; an exchange's name has at most 255 bytes":                                                 {{URL: host, Exchange: long}},
		"unroutable: it must be wait or dead_letter":                                                                         {{URL: host, RoutingKey: "vod", Unroutable: "drop"}},
		"max_message_bytes: hardly an event is so small, so each would be refused; write the max_message_size of the server": {{URL: host, RoutingKey: "vod", MaxMessageBytes: 1023}, {URL: host, RoutingKey: "vod", MaxMessageBytes: -1}},
		"max in flight is -1, want 0 or more":                                                                                {{URL: host, RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{MaxInFlight: -1}}},
		"username: it is missing; write whose the password is":                                                               {{URL: host, RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{Password: "hunter2"}}},
		"ca_file: it does nothing, since connections are not encrypted; have them be, or take it out":                        {{URL: host, RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{CAFile: "nowhere"}}},
		"format: there is no such format here; write callback, cloudevents or cloudevents-binary":                            {{URL: host, RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{Format: "avro"}}},
	} {
		for _, o := range all {
			if err := o.Validate(); fmt.Sprint(err) != want {
				t.Errorf("%+v: got %v, want %s", o, err, want)
			}
		}
	}
}

func TestASinkIsNamedByBrokerAndPlace(t *testing.T) {
	for want, o := range map[string]rabbitmq.Options{
		"nowhere.invalid:5672 queue vod.{type}": {URL: "amqp://nowhere.invalid", RoutingKey: "vod.{type}"},
		"[::1]:5671/a%2Fb exchange vod":         {URL: "amqps://[::1]/a%2Fb", Exchange: "vod", RoutingKey: "x"},
		"nowhere.invalid:7 exchange a b":        {URL: "amqp://nowhere.invalid:7", Exchange: "a\nb"},
	} {
		o.Username, o.Password = user, password
		if got := opened(t, o).String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFilesOfCertificatesAreNeededAtTheStart(t *testing.T) {
	o := rabbitmq.Options{URL: "amqps://nowhere.invalid", RoutingKey: "vod"}
	o.CAFile = "nowhere.pem"
	if _, err := rabbitmq.New(o); err == nil || !strings.HasPrefix(err.Error(), "ca_file: ") {
		t.Errorf("got %v, want an error about ca_file", err)
	}
}
