package kafka_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

func TestOptionsThatCannotWorkAreMistakes(t *testing.T) {
	for _, test := range []struct {
		change func(*kafka.Options)
		want   string
	}{
		{func(o *kafka.Options) { o.Brokers = nil }, "brokers: it is missing; write the addresses"},
		{func(o *kafka.Options) { o.Brokers = []string{"kafka"} }, "brokers[0]: it is no address; write host:port"},
		{func(o *kafka.Options) { o.Brokers = []string{"kafka:0"} }, "brokers[0]: it is no address; "},
		{func(o *kafka.Options) { o.Brokers = []string{"kafka:http"} }, "brokers[0]: it is no address; "},
		{func(o *kafka.Options) { o.Brokers = []string{":9092"} }, "brokers[0]: it is no address; "},
		{func(o *kafka.Options) { o.Brokers = []string{"a:1,b:1"} }, "brokers[0]: it is no address; "},
		{func(o *kafka.Options) { o.Brokers = []string{"kafka:9092", "Kafka:9092"} }, "brokers[1]: it is there twice; write it once"},
		{func(o *kafka.Options) { o.Brokers = []string{"ssl://kafka:9092"} }, "brokers[0]: it is a URL; write host:port, and tls: true"},
		{func(o *kafka.Options) { o.Brokers = []string{"user:hunter2@kafka:9092"} }, "brokers[0]: there is a login in it; write host:port, and the login as username"},
		{func(o *kafka.Options) { o.Topic = "" }, "topic: it is missing; "},
		{func(o *kafka.Options) { o.Topic = "a b" }, "topic: this can't be the name of a topic; "},
		{func(o *kafka.Options) { o.Topic = ".." }, "topic: this can't be the name of a topic; "},
		{func(o *kafka.Options) { o.Topic = "vod/{type}" }, "topic: this can't be the name of a topic; "},
		{func(o *kafka.Options) { o.Topic = "{{vod" }, "topic: this can't be the name of a topic; "},
		{func(o *kafka.Options) { o.Topic = strings.Repeat("a", 250) }, "topic: this can't be the name of a topic; "},
		{func(o *kafka.Options) { o.Topic = "vod.{file_id}" }, "topic: {file_id} is no field here; write {type}, {sub_app_id}"},
		{func(o *kafka.Options) { o.Mechanism = "GSSAPI" }, "mechanism: there is no such mechanism here; write PLAIN, "},
		{func(o *kafka.Options) { o.Mechanism = kafka.Plain }, "username: it is missing; "},
		{func(o *kafka.Options) { o.Username, o.Password = "u", "p" }, "mechanism: it is missing; "},
		{func(o *kafka.Options) { o.Username, o.Mechanism = "u", kafka.Plain }, "password_file: it is missing; "},
		{func(o *kafka.Options) { o.MaxMessageBytes = 1 }, "max_message_bytes: it is out of range; write 1024 to 33554432"},
		{func(o *kafka.Options) { o.MaxMessageBytes = 1 << 30 }, "max_message_bytes: it is out of range; "},
		{func(o *kafka.Options) { o.CAFile = "ca.pem" }, "ca_file: it does nothing, since connections are not encrypted; "},
		{func(o *kafka.Options) { o.Format = "xml" }, "format: there is no such format here; "},
	} {
		opts := kafka.Options{Brokers: []string{"kafka:9092"}, Topic: "vod"}
		test.change(&opts)
		err := opts.Validate()
		if _, is := errors.AsType[*sink.OptionError](err); !is || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want %s", err, test.want)
		}
		if _, err := kafka.New(opts); err == nil {
			t.Errorf("New takes it, want %s", test.want)
		}
	}
	if err := (kafka.Options{Brokers: []string{"kafka:9092"}, Topic: "vod", BrokerOptions: sink.BrokerOptions{MaxInFlight: -1}}).Validate(); err == nil {
		t.Error("a negative MaxInFlight is taken")
	}
}

func TestOptionsThatWork(t *testing.T) {
	for _, opts := range []kafka.Options{
		{Brokers: []string{"kafka:9092"}, Topic: "vod"},
		{Brokers: []string{"[::1]:9092", "10.0.0.1:9092"}, Topic: "vod_{sub_app_id}.{type}", TLS: true, MaxMessageBytes: 1 << 20},
		{Brokers: []string{"kafka:9092"}, Topic: "vod", Mechanism: kafka.ScramSHA512, BrokerOptions: sink.BrokerOptions{Username: "u", Password: "p"}},
	} {
		if err := opts.Validate(); err != nil {
			t.Errorf("%+v: %v", opts, err)
		}
	}
}

func TestItsNameShowsHostsAndTopic(t *testing.T) {
	s, err := kafka.New(kafka.Options{
		Brokers: []string{"a:9092", "b:9092"}, Topic: "vod.{type}", Mechanism: kafka.Plain,
		BrokerOptions: sink.BrokerOptions{Username: "someone", Password: "hunter2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.String(); got != "a:9092,b:9092 topic vod.{type}" {
		t.Error(got)
	}
}
