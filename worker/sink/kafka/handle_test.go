package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

// handleAll hands events over at the same time.
func handleAll(t *testing.T, s sink.Sink, all []events.Event) []error {
	errs := make([]error, len(all))
	var done sync.WaitGroup
	for i, e := range all {
		done.Go(func() { errs[i] = s.Handle(t.Context(), e) })
	}
	done.Wait()
	return errs
}

// small returns n events of some 200 bytes.
func small(n int) (all []events.Event) {
	for i := range n {
		all = append(all, upload(i, 100))
	}
	return all
}

func (c *cluster) ids() (all []string) {
	for _, r := range c.read() {
		all = append(all, header(r, "vod-event-id"))
	}
	return all
}

// The broker's limit is the sink's, or less, so that the broker refuses what the sink would send: single events, or batches of events
// of which none is too large.
func TestOneEventThatIsTooLargeHarmsNoneOfAHundred(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"for the sink": 20_000, "for the broker only": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, map[string]string{"max.message.bytes": "20000"})
			s := c.open(func(o *kafka.Options) { o.MaxMessageBytes = limit })
			all := small(100)
			all[50] = upload(50, 30_000)
			for i, err := range handleAll(t, s, all) {
				if i == 50 && !worker.IsPermanent(err) {
					t.Errorf("the large one: %v", err)
				}
				if i != 50 && err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
			ids := c.ids()
			for i, e := range all {
				if slices.Contains(ids, e.ID()) != (i != 50) {
					t.Errorf("%d: wrong that it is there or not", i)
				}
			}
		})
	}
}

func TestABatchThatIsTooLargeIsTheFaultOfNoneInIt(t *testing.T) {
	t.Parallel()
	c := newCluster(t, map[string]string{"max.message.bytes": "1000"}) // two of them, with headers, are more
	s := c.open(nil)
	refused := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Observe: true, Count: -1})
	all := small(100)
	if err := errors.Join(handleAll(t, s, all)...); err != nil {
		t.Fatal(err)
	}
	ids := c.ids()
	for i, e := range all {
		if !slices.Contains(ids, e.ID()) {
			t.Errorf("%d is not there", i)
		}
	}
	if refused.Hits() < 100 {
		t.Errorf("%d writes: the batches were not too large, so this test shows nothing", refused.Hits())
	}
}

// Both wait where the client would give all of them up for the one: in a request on its way, and for a topic that is not there yet.
func TestAnEndedContextHarmsNoNeighbour(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]func(*cluster) (over func()){
		"on its way": func(c *cluster) (over func()) { return c.hang() },
		"no topic": func(c *cluster) (over func()) {
			err := c.DeleteTopic(topicName)
			return func() {
				if err := errors.Join(err, c.CreateTopic(topicName, partitions, nil)); err != nil {
					t.Error(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, nil)
			s := c.open(nil)
			over := hold(c)
			ctx, cancel := context.WithCancel(t.Context())
			ended, kept := make(chan error, 1), make(chan error, 1)
			go func() { ended <- s.Handle(ctx, upload(1, 20)) }()
			time.Sleep(50 * time.Millisecond) // so that it is the first in its batch
			go func() { kept <- s.Handle(t.Context(), upload(1, 30)) }()
			time.Sleep(50 * time.Millisecond)
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) || worker.IsUnreachable(err) {
				t.Errorf("the one that ended: %v", err)
			}
			over()
			if err := <-kept; err != nil {
				t.Errorf("its neighbour: %v", err)
			}
		})
	}
}

// Whatever the client says of a context or of itself is no end of the caller's time, and no event's fault.
func TestWhatTheClientGivesUpIsNoEventsFault(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(nil)
	if err := c.DeleteTopic(topicName); err != nil { // what waits for it can be given up
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- s.Handle(t.Context(), upload(1, 10)) }()
	time.AfterFunc(100*time.Millisecond, func() { kafka.Abort(s) })
	if err := <-done; !worker.IsUnreachable(err) {
		t.Error(err)
	}
	for _, err := range []error{context.Canceled, fmt.Errorf("read: %w", context.DeadlineExceeded)} {
		if got := kafka.Clean(err); errors.Is(got, context.Canceled) || errors.Is(got, context.DeadlineExceeded) {
			t.Errorf("%v", got)
		}
	}
}

// Each of them ends by itself, or by somebody's doing, and then all is well soon.
func TestWhatTheBrokersRefuseIsThePlacesFaultAndOverWhenTheyDo(t *testing.T) {
	t.Parallel()
	for _, fault := range []kfake.Fault{
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.TopicAuthorizationFailed},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.ClusterAuthorizationFailed},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidTimestamp},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidRequiredAcks},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnknownServerError},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnknownTopicID},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidTopicException},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidRecord}, // so says a compacted topic of an event without a key
		{Keys: []kmsg.Key{kmsg.InitProducerID}, Err: kerr.ClusterAuthorizationFailed, TopLevel: true},
		{Keys: []kmsg.Key{kmsg.Metadata}, Err: kerr.TopicAuthorizationFailed, Topic: topicName},
		{Keys: []kmsg.Key{kmsg.Metadata}, Err: kerr.UnknownTopicOrPartition, Topic: topicName},
	} {
		t.Run(fmt.Sprint(fault.Keys[0].Name(), fault.Err.Message), func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, nil)
			s := c.open(nil)
			kafka.Hasty(s)
			fault.Count = -1
			h := c.Fault(fault)
			if err := s.Handle(t.Context(), upload(1, 10)); !worker.IsUnreachable(err) || !errors.Is(err, fault.Err) {
				t.Error(err)
			}
			h.Remove()
			tries := 1
			for err := s.Handle(t.Context(), upload(1, 10)); err != nil; err = s.Handle(t.Context(), upload(1, 10)) {
				if tries++; !worker.IsUnreachable(err) || tries > 200 {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}

// What passes by itself within the broker is waited for.
func TestALeaderThatMovesFailsNoEvent(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(nil)
	kafka.Hasty(s)
	for _, err := range []*kerr.Error{kerr.NotLeaderForPartition, kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut} {
		h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err, Count: 2})
		if got := s.Handle(t.Context(), upload(1, 10)); got != nil || h.Hits() != 2 {
			t.Errorf("%s: %v after %d", err.Message, got, h.Hits())
		}
	}
	if n := len(c.read()); n != 3 {
		t.Errorf("%d events are there, want 3: none twice", n)
	}
}

// A client that only forgot the topic would begin with its old numbers again, and a broker could take new events for old ones.
func TestATopicThatIsMadeAgainTakesEventsSoon(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(nil)
	kafka.Hasty(s)
	if err := errors.Join(handleAll(t, s, small(10))...); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.DeleteTopic(topicName), c.CreateTopic(topicName, partitions, nil)); err != nil {
		t.Fatal(err)
	}
	tries := 0
	for i, e := range small(10) {
		err := s.Handle(t.Context(), e)
		for ; err != nil; err = s.Handle(t.Context(), e) {
			if tries++; !worker.IsUnreachable(err) || tries > 200 {
				t.Fatalf("%d: %v", i, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	ids := c.ids()
	for i, e := range small(10) {
		if !slices.Contains(ids, e.ID()) {
			t.Errorf("%d is not there", i)
		}
	}
}
