package cloudevents

import (
	"context"
	"testing"

	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

func TestTheSDKReadsWhatIsInKafka(t *testing.T) {
	const topic = "vod"
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	consumer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(consumer.Close)
	open := func(t *testing.T, format sink.Format) sink.Sink {
		to, err := kafka.New(kafka.Options{
			Brokers: cluster.ListenAddrs(), Topic: topic, BrokerOptions: sink.BrokerOptions{Format: format},
		})
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	read(t, open, func(ctx context.Context, t *testing.T) binding.Message {
		var fetched kgo.Fetches
		for fetched.NumRecords() == 0 {
			if fetched = consumer.PollRecords(ctx, 1); fetched.Err() != nil {
				t.Fatal(fetched.Err())
			}
		}
		record := fetched.Records()[0]
		headers, contentType := map[string][]byte{}, ""
		for _, h := range record.Headers {
			if h.Key == "content-type" {
				contentType = string(h.Value)
			}
			headers[h.Key] = h.Value
		}
		return kafka_sarama.NewMessage(record.Value, contentType, headers)
	})
}
