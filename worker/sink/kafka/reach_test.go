package kafka_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

// allow is what a login may do with the topic.
func allow(operations ...kmsg.ACLOperation) (acls []kfake.ACL) {
	for _, operation := range operations {
		acls = append(acls, kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: topicName, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: operation, Allow: true})
	}
	return acls
}

func TestReachSeesWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil, kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.User("PLAIN", "writer", secret, allow(kmsg.ACLOperationDescribe, kmsg.ACLOperationWrite)...),
		kfake.User("PLAIN", "looker", secret, allow(kmsg.ACLOperationDescribe)...),
		kfake.User("PLAIN", "stranger", secret))
	for _, test := range []struct{ user, topic, want string }{
		{"writer", topicName, ""},
		{"looker", topicName, "topic: this login may not write to the topic; allow it"},
		{"stranger", topicName, "topic: this login may not see the topic; allow it to write there"},
		{"stranger", "vod.{type}", ""},
	} {
		s := c.open(func(o *kafka.Options) {
			o.Topic, o.Mechanism, o.Username, o.Password = test.topic, kafka.Plain, test.user, secret
		})
		found, err := s.Reach(t.Context())
		if test.want == "" && (err != nil || !strings.Contains(found, "can be reached")) || test.want != "" && (err == nil || err.Error() != test.want) {
			t.Errorf("%s: %q, %v, want %q", test.user, found, err, test.want)
		}
	}
}

func TestReachMissesATopic(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	_, err := c.open(func(o *kafka.Options) { o.Topic = "nothing" }).Reach(t.Context())
	if wrong, is := errors.AsType[*sink.OptionError](err); !is || wrong.Key != "topic" || !strings.Contains(err.Error(), "no such topic") {
		t.Error(err)
	}
	if c.TopicInfo("nothing") != nil {
		t.Error("it has made the topic")
	}
}

func TestRisksAreToldWithWhatToSet(t *testing.T) {
	for _, test := range []struct {
		replicas int
		set      map[string]string
		want     []string
	}{
		{3, map[string]string{"min.insync.replicas": "2", "unclean.leader.election.enable": "false", "cleanup.policy": "delete"}, nil},
		{3, nil, nil},
		{3, map[string]string{"min.insync.replicas": "1"}, []string{"min.insync.replicas of topic vod is 1: an event is accepted when one broker has it in memory; set it to 2"}},
		{1, map[string]string{"min.insync.replicas": "1"}, []string{"topic vod has partitions on one broker only: "}},
		{3, map[string]string{"unclean.leader.election.enable": "true"}, []string{"unclean.leader.election.enable of topic vod is true: "}},
		{3, map[string]string{"cleanup.policy": "compact,delete"}, []string{"cleanup.policy of topic vod is compact,delete: of each file only the last event stays, and events without a file are never taken; "}},
	} {
		got := kafka.Losses("vod", test.replicas, test.set)
		if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
			t.Errorf("%d, %v: %q", test.replicas, test.set, got)
		}
	}
}

func TestRisksAreAskedFor(t *testing.T) {
	t.Parallel()
	c := newCluster(t, map[string]string{"cleanup.policy": "compact"})
	risks, err := c.open(nil).Risks(t.Context())
	if err != nil || len(risks) != 2 || !strings.Contains(risks[0], "one broker only") || !strings.Contains(risks[1], "compact") {
		t.Errorf("%q, %v", risks, err)
	}
	if risks, err := c.open(func(o *kafka.Options) { o.Topic = "vod.{type}" }).Risks(t.Context()); err == nil {
		t.Errorf("nobody knows which topics, but %q", risks)
	}
}

func TestRisksThatMayNotBeSeenAreNotKnown(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil, kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.User("PLAIN", "writer", secret, allow(kmsg.ACLOperationDescribe, kmsg.ACLOperationWrite)...))
	s := c.open(func(o *kafka.Options) { o.Mechanism, o.Username, o.Password = kafka.Plain, "writer", secret })
	if risks, err := s.Risks(t.Context()); err == nil || !strings.Contains(err.Error(), "DescribeConfigs") {
		t.Errorf("%q, %v", risks, err)
	}
}

// The first event looks before it is handed over: nothing of it may arrive later.
func TestNothingIsHandedOverToAPlaceWhereNobodyIs(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	c.Close()
	var log bytes.Buffer
	s := c.open(func(o *kafka.Options) { o.Log = zerolog.New(&log) })
	began := time.Now()
	for range 5 {
		if err := s.Handle(t.Context(), upload(1, 10)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "not written: no broker was reached: ") {
			t.Error(err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to say so", took)
	}
	c.start()
	if err := s.Handle(t.Context(), upload(2, 10)); err != nil {
		t.Error(err)
	}
	if n := len(c.read()); n != 1 {
		t.Errorf("%d events are there, want 1", n)
	}
	if got := strings.Count(log.String(), "\n"); got != 2 || !strings.Contains(log.String(), "is not reached") || !strings.Contains(log.String(), "reached again") {
		t.Errorf("%d lines, want one of the end and one of the return:\n%s", got, &log)
	}
}
