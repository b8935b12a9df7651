package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// jams knows the partitions on whose way are events that nobody waits for any more. The client tries these without end: a partition
// without a leader would fill the buffer of all with what is handed over to it again and again. So no more goes there until they have
// arrived or failed. It chooses partitions as Kafka's own clients do, and so knows an event's before it is handed over.
type jams struct {
	waits sync.WaitGroup // one for each event that nobody waits for

	mu    sync.Mutex
	parts map[string]int // how many partitions each topic has
	at    map[place]*jam
}

// A place is a partition, or one of these.
type place struct {
	topic     string
	partition int
}

const (
	unseen   = -1 // all of a topic that was not there yet
	anywhere = -2 // that of an event without a key
)

type jam struct {
	events int
	over   chan struct{} // closed when there are none
}

func newJams() *jams { return &jams{parts: map[string]int{}, at: map[place]*jam{}} }

var byKey = kgo.StickyKeyPartitioner(nil)

// place returns where a record goes.
func (j *jams) place(r *kgo.Record) place {
	if r.Key == nil {
		return place{r.Topic, anywhere}
	}
	j.mu.Lock()
	parts := j.parts[r.Topic]
	j.mu.Unlock()
	if parts == 0 {
		return place{r.Topic, unseen}
	}
	return place{r.Topic, byKey.ForTopic(r.Topic).Partition(r, parts)}
}

// wait waits until the way to a record's partition is free, for a moment: after an outage it soon is.
func (j *jams) wait(ctx context.Context, r *kgo.Record, moment time.Duration) error {
	at := j.place(r)
	j.mu.Lock()
	found := j.at[at]
	j.mu.Unlock()
	if found == nil || at.partition == anywhere {
		return nil
	}
	late := time.NewTimer(moment)
	defer late.Stop()
	select {
	case <-found.over:
		return nil
	case <-late.C:
		return worker.Unreachable(errors.New("earlier events have not got to its partition yet: has it a leader, and enough replicas in sync?"))
	case <-ctx.Done():
		return say.Ended(ctx)
	}
}

// leave says that nobody waits for a record's answer any more.
func (j *jams) leave(r *kgo.Record, answer <-chan struct{}) {
	at := j.place(r)
	j.mu.Lock()
	if j.at[at] == nil {
		j.at[at] = &jam{over: make(chan struct{})}
	}
	j.at[at].events++
	j.mu.Unlock()
	j.waits.Go(func() {
		<-answer
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.at[at].events--; j.at[at].events == 0 {
			close(j.at[at].over)
			delete(j.at, at)
		}
	})
}

// any reports whether there are such events.
func (j *jams) any() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.at) > 0
}

// ForTopic makes it the client's partitioner.
func (j *jams) ForTopic(topic string) kgo.TopicPartitioner {
	return counter{byKey.ForTopic(topic), j, topic}
}

// A counter learns from the client how many partitions a topic has.
type counter struct {
	kgo.TopicPartitioner
	jams  *jams
	topic string
}

func (c counter) Partition(r *kgo.Record, parts int) int {
	if c.RequiresConsistency(r) { // else these are not all
		c.jams.mu.Lock()
		c.jams.parts[c.topic] = parts
		c.jams.mu.Unlock()
	}
	return c.TopicPartitioner.Partition(r, parts)
}

func (c counter) OnNewBatch() {
	if next, is := c.TopicPartitioner.(kgo.TopicPartitionerOnNewBatch); is {
		next.OnNewBatch()
	}
}
