package kafka_test

import (
	"fmt"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/internal/sinktest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

const secret = "k3y-of-ours"

// It can't ask for a pause, and whatever fails is the event's fault or the place's. The third format has the same body as the first.
func TestItIsASink(t *testing.T) {
	t.Parallel()
	for _, format := range []sink.Format{sink.FormatCallback, sink.FormatCloudEvents} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			if format != sink.FormatCallback {
				brokertest.Need(t) // it takes a second or two, and differs little
			}
			sinktest.Run(t, func(t *testing.T) sinktest.Harness {
				c := newCluster(t, map[string]string{"max.message.bytes": large}, kfake.EnableSASL(), kfake.Superuser("PLAIN", "vod", secret))
				s := c.open(func(o *kafka.Options) {
					o.Format, o.MaxMessageBytes = format, 4<<20
					o.Mechanism, o.Username, o.Password = kafka.Plain, "vod", secret
				})
				kafka.Hasty(s)
				login := kgo.SASL(plain.Auth{User: "vod", Pass: secret}.AsMechanism())
				return sinktest.Harness{
					Sink: s, HasIDs: true, Secrets: []string{secret},
					Arrived: func() (all []sinktest.Arrival, err error) {
						for _, r := range c.read(login) {
							body := r.Value
							if format == sink.FormatCloudEvents {
								body = []byte(gjson.GetBytes(body, "data").Raw)
							}
							all = append(all, sinktest.Arrival{ID: header(r, "vod-event-id"), Body: body})
						}
						return all, nil
					},
					Refuse: func() (over func()) {
						return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.MessageTooLarge, Count: -1}).Remove
					},
					Break: func() (over func()) {
						if err := c.DeleteTopic(topicName); err != nil {
							t.Fatal(err)
						}
						return func() {
							if err := c.CreateTopic(topicName, partitions, map[string]string{"max.message.bytes": large}); err != nil {
								t.Fatal(err)
							}
						}
					},
					Hang: c.hang,
					Leave: func() (over func()) {
						c.Close()
						return c.start
					},
					Traces: func() (string, error) { return fmt.Sprint(c.TopicInfo(topicName).TopicID, len(c.read(login))), nil },
					Held:   c.held,
				}
			})
		})
	}
}

// hang has no record be answered.
func (c *cluster) hang() (over func()) {
	silence := newPause()
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		silence.wait(c.Cluster)
		return nil, nil, false
	})
	return silence.finish
}
