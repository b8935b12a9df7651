package kafka_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

// files returns for each partition an event that goes there.
func (c *cluster) files(s *kafka.Sink) (of [partitions]events.Event) {
	for i := range 20 {
		if err := s.Handle(c.t.Context(), upload(i, 10)); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, r := range c.read() {
		file, _ := strconv.Atoi(string(r.Key))
		of[r.Partition] = upload(file, 20)
	}
	return of
}

// within hands an event over with so much time.
func within(t *testing.T, d time.Duration, s *kafka.Sink, e events.Event) error {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return s.Handle(ctx, e)
}

// Its events would be tried without end, and fill the buffer with one copy more at each redelivery.
func TestAPartitionThatCannotBeWrittenHarmsNoOther(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	const atOnce = 8
	s := c.open(func(o *kafka.Options) { o.MaxInFlight = atOnce })
	kafka.Hasty(s)
	of := c.files(s)
	bad, good := of[0], of[1]
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Partitions: []int32{0}, Err: kerr.NotEnoughReplicas, Count: -1})
	for round := range 4 {
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				err := within(t, 200*time.Millisecond, s, bad)
				if refused := worker.IsUnreachable(err) && strings.Contains(err.Error(), "not written"); err == nil || round > 0 && !refused {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		all.Wait()
		if err := within(t, 10*time.Second, s, good); err != nil {
			t.Errorf("round %d, another partition: %v", round, err)
		}
	}
	fault.Remove()
	tries := 1
	for err := s.Handle(t.Context(), bad); err != nil; err = s.Handle(t.Context(), bad) {
		if tries++; tries > 200 {
			t.Fatal(err)
		}
	}
	copies := 0
	for _, id := range c.ids() {
		if id == bad.ID() {
			copies++
		}
	}
	if most := atOnce + 1; copies > most {
		t.Errorf("%d copies, want %d at most: those of the first round, and the last", copies, most)
	}
}

// Then what nobody waits for goes.
func TestManyPartitionsThatCannotBeWrittenHarmNoOther(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(func(o *kafka.Options) { o.MaxInFlight = 1 })
	of := c.files(s)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Partitions: []int32{0, 1}, Err: kerr.NotEnoughReplicas, Count: -1})
	for _, bad := range of[:2] {
		if err := within(t, 100*time.Millisecond, s, bad); err == nil {
			t.Error("it is accepted")
		}
	}
	var err error
	for range 20 {
		if err = within(t, time.Second, s, of[2]); err == nil {
			return
		}
	}
	t.Error(err)
}

// What has no key may be in any partition, so it does not wait for one.
func TestAFullBufferIsThePlacesFaultAtOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(func(o *kafka.Options) { o.MaxInFlight = 1 })
	over := c.hang()
	e := events.Split([]byte(`[{"EventType":"X"}]`))[0]
	err := errors.New("none yet")
	for try := 0; !strings.Contains(err.Error(), "buffer"); try++ {
		if err = within(t, 100*time.Millisecond, s, e); err == nil || try > 20 {
			t.Fatalf("try %d: %v", try, err)
		}
	}
	if !worker.IsUnreachable(err) || errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	over()
}

// Events that were refused in a batch wait for each other, but not for one whose time is over.
func TestWhoIsWrittenAloneHoldsTheNextNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	c := newCluster(t, map[string]string{"max.message.bytes": "20000"})
	s := c.open(nil)
	var writes atomic.Int32
	jam := newPause()
	t.Cleanup(jam.finish)
	ctx, end := context.WithCancel(t.Context())
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if writes.Add(1) == 2 { // the first that is alone
			end()
			jam.wait(c.Cluster)
		}
		return nil, nil, false
	})
	if err := s.Handle(ctx, upload(1, 30_000)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := within(t, 30*time.Second, s, upload(1, 30_000)); !worker.IsPermanent(err) {
		t.Error(err)
	}
}

func TestAnErrorThatStaysMakesFewClients(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fails error
		want  int // the first, one at once, and then after 1, 2, 4, 8, 16, 32, 60, 60, ... s
	}{{kerr.InvalidTimestamp, 2 + 6 + 8}, {kerr.UnknownTopicOrPartition, 1}, {nil, 1}} {
		synctest.Test(t, func(t *testing.T) {
			if n, err := kafka.Clients(t.Context(), test.fails, 10*time.Minute); err != nil || n != test.want {
				t.Errorf("%v: %d clients, %v, want %d", test.fails, n, err, test.want)
			}
		})
	}
}
