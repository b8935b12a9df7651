package nats

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Risks returns how an event can be lost, or doubled, though the stream has accepted it: a sentence for each way, with what to set. It
// fails if that can't be known, as if this user may not ask for the stream. It takes 15 s at most.
func (s *Sink) Risks(ctx context.Context) (risks []string, err error) {
	err = s.ask(ctx, func(l *link, info *jetstream.StreamInfo) error {
		risks = risksOf(info.Config, s.pattern, l.conn.ConnectedServerVersion(), l.conn.MaxPayload())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what can be lost at %s: %w", s.name, err)
	}
	return risks, nil
}

// redelivery is how long after it was published an event may be published again, when its outcome was not known.
const redelivery = 20 * time.Minute

// risksOf returns those of a stream to which is published what the pattern matches.
func risksOf(c jetstream.StreamConfig, pattern, version string, maxPayload int64) (risks []string) {
	add := func(is bool, format string, args ...any) {
		if is {
			risks = append(risks, "stream "+c.Name+" "+fmt.Sprintf(format, args...))
		}
	}
	add(c.Storage == jetstream.MemoryStorage, "keeps its messages in memory: they are gone when its server stops; set storage to file, which takes a new stream")
	add(c.Replicas <= 1, "has one replica: when its machine fails, an accepted event may not be on disk yet, for up to 2 minutes; "+
		"set sync_interval: always in the server's configuration, or num_replicas to 3, which helps unless machines fail at about the same time")
	add(c.PersistMode == jetstream.AsyncPersistMode, "has persist_mode async: it accepts an event before it is written; set it to default")
	add(c.Retention == jetstream.InterestPolicy, "has retention interest: an event that no consumer wants is accepted and dropped at once; "+
		"set retention to limits, or make the consumers before the worker starts")
	add(c.MaxAge > 0, "drops an event after %v, read or not (max_age); set it to longer than any consumer is away", c.MaxAge)
	var limits []string
	if c.MaxMsgs > 0 {
		limits = append(limits, fmt.Sprintf("max_msgs: %d", c.MaxMsgs))
	}
	if c.MaxBytes > 0 {
		limits = append(limits, fmt.Sprintf("max_bytes: %d", c.MaxBytes))
	}
	add(len(limits) > 0 && c.Discard == jetstream.DiscardOld, "drops its oldest events, read or not, to take new ones (%s); set discard to new",
		strings.Join(limits, ", "))
	add(c.MaxMsgsPerSubject > 0 && (c.Discard == jetstream.DiscardOld || !c.DiscardNewPerSubject),
		"drops the oldest events of a subject, read or not, to take new ones (max_msgs_per_subject: %d); "+
			"set it to -1, or discard to new and discard_new_per_subject to true", c.MaxMsgsPerSubject)
	add(!slices.ContainsFunc(c.Subjects, func(of string) bool { return covers(of, pattern) }),
		"takes %q, and perhaps not all of %s: an event with another subject waits in VOD's queue, until VOD drops it; have it take %[2]s", c.Subjects, pattern)
	add(c.Duplicates < redelivery, "remembers ids for %v: an event that is handed over again after that is there twice; "+
		"set duplicate_window to 20m, or have consumers look at vod-event-id", c.Duplicates)
	add(c.MaxMsgSize > 0 && int64(c.MaxMsgSize) < maxPayload, "takes no message over %d bytes (max_msg_size): larger events become dead letters; set it to -1",
		c.MaxMsgSize)
	add(c.Replicas > 1 && isBefore(version, 2, 11), "lies on a server %s: before 2.11, one may drop an event as a duplicate that it never had, "+
		"after an election; use a newer server", version)
	return risks
}

// isBefore reports whether a version, such as 2.9.10, is before another.
func isBefore(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	return errA == nil && errB == nil && (a < major || a == major && b < minor)
}
