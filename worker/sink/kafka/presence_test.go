package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/worker/sink/kafka"
)

// A broker that starts again within ten seconds costs no duplicates, and one that does not holds nobody.
func TestWhoWaitsGivesUpAfterTenSecondsWithoutABroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refuses error
		p := kafka.NewPresence(t.Context(), zerolog.Nop(), func() error { return refuses })
		if err := p.Ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		refuses = errors.New("connection refused")
		for second := range 12 {
			<-p.Look()
			if gone := p.Away() != nil; gone != (second >= 10) {
				t.Errorf("after %d s: gone is %v", second, gone)
			}
			time.Sleep(time.Second)
		}
		refuses = nil
		if err := p.Ask(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// An answer to an event tells more than a look that has begun before it.
func TestALookThatFailsForgetsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := kafka.NewPresence(t.Context(), zerolog.Nop(), func() error {
			time.Sleep(11 * time.Second)
			return errors.New("connection refused")
		})
		p.Seen()
		time.Sleep(time.Second)
		looked := p.Look()
		time.Sleep(10 * time.Second)
		p.Seen()
		if <-looked; p.Away() != nil {
			t.Errorf("a broker has answered a second ago, but %v", p.Away())
		}
		if <-p.Look(); p.Away() == nil {
			t.Error("nobody has answered for 11 s since")
		}
	})
}

func TestAStopIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var log bytes.Buffer
		p := kafka.NewPresence(ctx, zerolog.New(&log), func() error { <-ctx.Done(); return ctx.Err() })
		looked := p.Look()
		stop()
		if <-looked; log.Len() > 0 {
			t.Error(&log)
		}
	})
}

func TestABrokerThatStandsStillHidesNoOther(t *testing.T) {
	t.Parallel()
	c, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.CreateTopic(topicName, 2, nil); err != nil {
		t.Fatal(err)
	}
	for p := range int32(2) {
		if err := c.MoveTopicPartition(topicName, p, p+1); err != nil {
			t.Fatal(err)
		}
	}
	silence := newPause()
	t.Cleanup(silence.finish)
	for _, key := range []kmsg.Key{kmsg.ApiVersions, kmsg.Metadata} {
		c.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			if c.CurrentNode() == 0 {
				silence.wait(c)
			}
			return nil, nil, false
		})
	}
	s, err := kafka.New(kafka.Options{Brokers: c.ListenAddrs(), Topic: topicName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	kafka.Hasty(s)
	for range 3 {
		select {
		case <-kafka.Look(s):
		case <-time.After(2 * time.Second):
			t.Fatal("the look waits for the one that says nothing")
		}
		if err := kafka.Away(s); err != nil {
			t.Error(err)
		}
	}
}
