package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/worker/sink"
)

// Reach connects as Handle would, and looks whether the topic is there and may be written to. Of a topic with fields in its name only
// the connection is tried. It takes 10 s at most. Its errors wrap [sink.ErrUnreached] if no broker answers, and are
// [*sink.OptionError] values where an option is to blame.
func (s *Sink) Reach(ctx context.Context) (found string, err error) {
	topic, fixed := s.topic.Fixed()
	err = s.visit(ctx, func(ctx context.Context, client *kgo.Client) error {
		if !fixed {
			return nil
		}
		_, err := look(ctx, client, topic)
		return err
	})
	switch {
	case err != nil:
		return "", err
	case !fixed:
		return s.String() + ": the brokers can be reached; whether its topics are there is seen when an event comes", nil
	}
	return s.String() + ": the brokers can be reached, and the topic is there; nothing was written", nil
}

// reachTime is how long a visit takes at most.
const reachTime = 10 * time.Second

// visit connects with a client of its own, that is closed after it.
func (s *Sink) visit(ctx context.Context, to func(context.Context, *kgo.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	client, err := kgo.NewClient(s.shared.opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Ping(ctx); err != nil {
		return fault(err)
	}
	return to(ctx, client)
}

// fault says what is wrong if brokers can't be asked.
func fault(err error) error {
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return &sink.OptionError{Key: "username", Err: errors.New("the brokers refuse the login; look at username, password_file and mechanism")}
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return &sink.OptionError{Key: "mechanism", Err: errors.New("the brokers know another one; ask who runs them")}
	}
	return fmt.Errorf("%w: %w: is it running, may this machine connect to it, and are tls, mechanism and login as its listener has them?", sink.ErrUnreached, clean(err))
}

// look returns what the brokers know of a topic.
func look(ctx context.Context, client *kgo.Client, topic string) (found kmsg.MetadataResponseTopic, err error) {
	req := kmsg.NewPtrMetadataRequest()
	asked := kmsg.NewMetadataRequestTopic()
	asked.Topic = &topic
	req.Topics = append(req.Topics, asked)
	req.IncludeTopicAuthorizedOperations = true
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return found, fault(err)
	}
	if len(resp.Topics) != 1 {
		return found, errors.New("the brokers say nothing about the topic")
	}
	found = resp.Topics[0]
	wrong := func(text string) error { return &sink.OptionError{Key: "topic", Err: errors.New(text)} }
	switch err := kerr.ErrorForCode(found.ErrorCode); {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return found, wrong("there is no such topic; make it, or write the name of another one")
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return found, wrong("this login may not see the topic; allow it to write there")
	case err != nil:
		return found, fmt.Errorf("ask for the topic: %w", err)
	}
	if may := found.AuthorizedOperations; may >= 0 && may&(1<<kmsg.ACLOperationWrite) == 0 { // negative: it is not known
		return found, wrong("this login may not write to the topic; allow it")
	}
	return found, nil
}

// Risks returns how an event can be lost though it was accepted, each with what to set against it. Of a topic with fields in its name
// it is not known.
func (s *Sink) Risks(ctx context.Context) (risks []string, err error) {
	topic, fixed := s.topic.Fixed()
	if !fixed {
		return nil, errors.New("which topics there will be is not known; set min.insync.replicas of each to 2 or more")
	}
	err = s.visit(ctx, func(ctx context.Context, client *kgo.Client) error {
		there, err := look(ctx, client, topic)
		if err != nil {
			return err
		}
		set, err := settings(ctx, client, topic)
		if err != nil {
			return err
		}
		risks = losses(topic, replicas(there), set)
		return nil
	})
	return risks, err
}

// replicas returns how many brokers have each partition at least.
func replicas(topic kmsg.MetadataResponseTopic) int {
	var n []int
	for _, partition := range topic.Partitions {
		n = append(n, len(partition.Replicas))
	}
	if n == nil {
		return 0
	}
	return slices.Min(n)
}

// settings returns the topic's, by their names.
func settings(ctx context.Context, client *kgo.Client, topic string) (map[string]string, error) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	asked := kmsg.NewDescribeConfigsRequestResource()
	asked.ResourceType, asked.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	asked.ConfigNames = []string{minInSync, unclean, cleanup}
	req.Resources = append(req.Resources, asked)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fault(err)
	}
	set := map[string]string{}
	for _, resource := range resp.Resources {
		if err := kerr.ErrorForCode(resource.ErrorCode); err != nil {
			return nil, fmt.Errorf("ask for the settings of topic %s (DescribeConfigs): %w", topic, err)
		}
		for _, c := range resource.Configs {
			if c.Value != nil {
				set[c.Name] = *c.Value
			}
		}
	}
	return set, nil
}
