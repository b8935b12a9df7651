package kafka

import (
	"fmt"
	"strconv"
	"strings"
)

// Settings of a topic.
const (
	minInSync = "min.insync.replicas"
	unclean   = "unclean.leader.election.enable"
	cleanup   = "cleanup.policy"
)

// losses returns a sentence for each way in which a topic loses what it has accepted. What a broker does not tell is no risk.
func losses(topic string, replicas int, set map[string]string) (risks []string) {
	add := func(format string, args ...any) { risks = append(risks, fmt.Sprintf(format, args...)) }
	if replicas == 1 {
		add("topic %s has partitions on one broker only: an event is lost with that broker's disk, or with its memory when it stops hard; "+
			"give the topic 3 replicas, and set its %s to 2", topic, minInSync)
	} else if n, err := strconv.Atoi(set[minInSync]); err == nil && n < 2 {
		add("%s of topic %s is %d: an event is accepted when one broker has it in memory; set it to 2", minInSync, topic, n)
	}
	if set[unclean] == "true" {
		add("%s of topic %s is true: a broker that has not all events may become the leader, and they are gone; set it to false", unclean, topic)
	}
	if strings.Contains(set[cleanup], "compact") {
		add("%s of topic %s is %s: of each file only the last event stays, and events without a file are never taken; set it to delete", cleanup, topic, set[cleanup])
	}
	return risks
}
