// Package kafka hands events to topics of Kafka.
package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

// Sink writes each event to a topic: the Body of a [sink.Message] as value, and as headers:
//
//	content-type: the Message's ContentType
//	vod-event-id: its ID; vod-event-type: its Type
//	vod-file-id, vod-task-id, vod-sub-app-id, traceparent: what the event has of them
//	ce_type and so on: its Attributes
//
// The key is the FileID, so that all events of a file are in one partition, and one consumer at a time has them. Their order there is
// no promise. Events without a file have no key.
//
// Nil means that all in-sync replicas of the partition have the event. How many these are at least is the topic's
// min.insync.replicas. Kafka may still have it in memory only.
type Sink struct {
	opts   Options
	topic  broker.Name
	end    context.CancelFunc
	shared *lane // events share batches
	single *lane // one event at a time, each in a batch of its own
	there  *presence
	jams   *jams
}

var _ sink.Sink = (*Sink)(nil)

// New returns a sink. It fails if the options are not valid, and with a [*sink.OptionError] if a certificate can't be used. It connects
// to nothing yet.
func New(opts Options) (*Sink, error) {
	topic, err := opts.parse()
	if err != nil {
		return nil, err
	}
	opts.MaxInFlight = cmp.Or(opts.MaxInFlight, sink.DefaultMaxInFlight)
	common, err := opts.client()
	if err != nil {
		return nil, err
	}
	ways := newJams()
	common = append(common, kgo.RecordPartitioner(ways))
	ctx, end := context.WithCancel(context.Background())
	s := &Sink{opts: opts, topic: topic, end: end, jams: ways}
	s.shared, err = newLane(ctx, common, kgo.MaxBufferedRecords(2*opts.MaxInFlight), kgo.ProducerLinger(linger))
	if err == nil {
		s.single, err = newLane(ctx, common, kgo.ProducerLinger(0))
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.single.turn = make(chan struct{}, 1)
	s.there = &presence{ctx: ctx, log: opts.Log, every: lookEvery, grace: grace, gone: errNew}
	s.there.ping = func() error { return s.there.anyone(s.shared.now()) }
	return s, nil
}

// Handle writes e, and waits for the answer as long as ctx lasts. Nil means that all in-sync replicas have it. It is
// [worker.Permanent] that the event alone is too large, and that no topic can have the name that its fields make.
// All else is [worker.Unreachable], also that nobody was reached for 10 s; what is on its way then may arrive. So may what is on its
// way when ctx ends; then the error wraps ctx.Err().
func (s *Sink) Handle(ctx context.Context, e events.Event) error {
	err := broker.InTime(ctx, func(ctx context.Context) error { return s.handle(ctx, e) })
	if err != nil {
		return fmt.Errorf("write to %s: %w", s, err)
	}
	return nil
}

func (s *Sink) handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return fmt.Errorf("not written: %w", say.Ended(ctx))
	}
	record, err := s.record(e)
	if err != nil {
		return err
	}
	if err := s.there.ask(ctx); err != nil {
		return fmt.Errorf("not written: %w", err)
	}
	if err := s.jams.wait(ctx, record, s.there.every); err != nil {
		return fmt.Errorf("not written: %w", err)
	}
	err = s.await(ctx, s.shared, record)
	if errors.Is(err, kgo.ErrMaxBuffered) && s.jams.any() {
		// Many partitions may be to blame, or large events. What nobody waits for goes, so that the others can.
		s.shared.renew(s.shared.now())
	}
	if isRefusal(err) {
		// One event has all the others of its batch refused, and of those behind it. Also, a batch of many may be larger than
		// what the topic takes, though none of them is. Alone it is clear who is to blame.
		again := &kgo.Record{Topic: record.Topic, Key: record.Key, Value: record.Value, Headers: record.Headers}
		err = s.await(ctx, s.single, again)
	}
	return s.judge(err)
}

// await hands a record over and returns what became of it: the client's error, or a told one.
func (s *Sink) await(ctx context.Context, l *lane, r *kgo.Record) error {
	var answer error
	answered := make(chan struct{})
	hand := func() {
		l.hand(r, func(err error) {
			answer = err
			close(answered)
		})
	}
	leave := func() {
		s.jams.leave(r, answered)
		select {
		case <-answered: // the turn may be another's now
		default:
			l.leave()
		}
	}
	turn := l.turn
	if turn == nil {
		hand()
	}
	look := time.NewTimer(s.there.every)
	defer look.Stop()
	var looked <-chan struct{}
	for {
		select {
		case turn <- struct{}{}:
			turn = nil
			hand()
		case <-answered:
			return answer
		case <-look.C:
			looked = s.there.look()
		case <-looked:
			if err := s.there.away(); err != nil {
				if turn == nil {
					leave()
				}
				return told{worker.Unreachable(err)}
			}
			looked = nil
			look.Reset(s.there.every)
		case <-ctx.Done():
			if turn != nil {
				return told{fmt.Errorf("not written: %w", say.Ended(ctx))}
			}
			leave()
			return told{fmt.Errorf("no answer, so it may be written or not: %w", say.Ended(ctx))}
		}
	}
}

// A told error is one of ours: it says already whose fault it is.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// isRefusal reports whether a batch was refused for what is in it. The client says the same of one that it has not sent, since it is
// larger than MaxMessageBytes.
func isRefusal(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) || errors.Is(err, kerr.InvalidRecord)
}

// judge says whose fault an error is.
func (s *Sink) judge(err error) error {
	if ours, is := errors.AsType[told](err); is {
		return ours.error
	}
	switch {
	case err == nil:
		s.there.seen()
		return nil
	case errors.Is(err, kerr.InvalidRecord):
		// A compacted topic refuses each event without a file, and a broker may have rules of its own for what it takes: that is
		// how the topic is set up.
	case isRefusal(err):
		return worker.Permanent(err)
	}
	return worker.Unreachable(clean(err))
}

func (s *Sink) record(e events.Event) (*kgo.Record, error) {
	topic, err := s.topic.Of(e)
	if err != nil {
		return nil, err
	}
	if !isTopic(topic) {
		return nil, worker.Permanent(errors.New("the fields of this event make a name that no topic can have"))
	}
	prefix := ""
	m, err := sink.NewMessage(e, s.opts.Format)
	if err != nil {
		return nil, err
	}
	if m.Attributes != nil {
		prefix = "ce_"
	}
	r := &kgo.Record{Topic: topic, Value: m.Body}
	if file := e.FileID(); file != "" {
		r.Key = []byte(file)
	}
	for _, f := range broker.Fields(e, m, prefix) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: f.Name, Value: []byte(f.Value)})
	}
	return r, nil
}

// String returns the brokers and the topic.
func (s *Sink) String() string {
	return strings.Join(s.opts.Brokers, ",") + " topic " + s.opts.Topic
}

// Close ends the connections. What is on its way and nobody waits for may arrive or not. It returns nil.
func (s *Sink) Close() error {
	s.end()
	if s.there != nil {
		s.there.looks.Wait()
	}
	for _, l := range []*lane{s.shared, s.single} {
		if l != nil {
			l.close()
		}
	}
	s.jams.waits.Wait()
	return nil
}
