package rabbitmq

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// The attributes of a CloudEvent are there, however long; but the broker would end the connection that all share.
func TestHeadersThatNoFrameHoldsAreTheEventsFault(t *testing.T) {
	s, err := New(Options{URL: "amqp://127.0.0.1:5672", RoutingKey: "vod", BrokerOptions: sink.BrokerOptions{Format: sink.FormatCloudEventsBinary}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for length, permanent := range map[int]bool{2000: false, maxHeader: true} {
		e := events.Split(fmt.Appendf(nil, `[{"EventType":"New%s"}]`, strings.Repeat("x", length)))[0]
		if _, err := s.message(e); worker.IsPermanent(err) != permanent || err != nil && !permanent {
			t.Errorf("a type of %d bytes: %v", length, err)
		}
	}
}
