package kafka_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

// What tells this test binary to be a broker, and how.
const (
	serverEnv = "VODWORKER_TEST_KAFKA_PORT"
	dataEnv   = "VODWORKER_TEST_KAFKA_DATA"
)

// serve is a broker until it is told to end. It writes all that it has to files as it comes, and has it again when it starts.
func serve() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	port, err := strconv.Atoi(os.Getenv(serverEnv))
	if err != nil {
		panic(err)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(os.Getenv(dataEnv)))
	if err != nil {
		panic(err)
	}
	<-ctx.Done()
	c.Close()
}

// newServer runs a broker in a process of its own, which keeps what it has over its end. It has no topic yet.
func newServer(t testing.TB) (server *brokertest.Process, address string) {
	t.Helper()
	address = brokertest.FreeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ready := func() error {
		return ask(address, func(ctx context.Context, client *kgo.Client) error { return client.Ping(ctx) })
	}
	return brokertest.Start(t, ready, func() *exec.Cmd {
		command := exec.Command(program)
		command.Env = append(os.Environ(), serverEnv+"="+port, dataEnv+"="+dir)
		return command
	}), address
}

// ask asks the broker at an address.
func ask(address string, what func(context.Context, *kgo.Client) error) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.DialTimeout(time.Second))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return what(ctx, client)
}

func makeTopic(address, name string) error {
	return ask(address, func(ctx context.Context, client *kgo.Client) error {
		topic := kmsg.NewCreateTopicsRequestTopic()
		topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 1
		req := kmsg.NewPtrCreateTopicsRequest()
		req.Topics = append(req.Topics, topic)
		resp, err := req.RequestWith(ctx, client)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	})
}

func deleteTopic(address, name string) error {
	return ask(address, func(ctx context.Context, client *kgo.Client) error {
		topic := kmsg.NewDeleteTopicsRequestTopic()
		topic.Topic = &name
		req := kmsg.NewPtrDeleteTopicsRequest()
		req.TopicNames, req.Topics = []string{name}, append(req.Topics, topic)
		resp, err := req.RequestWith(ctx, client)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	})
}

// The broker is a fake one. What it has is in files, but not synced: it survives the end of its process, and not of its machine.
func TestItKeepsWhatAllSinksOfBrokersPromise(t *testing.T) {
	brokertest.Need(t)
	brokertest.Run(t, func(t *testing.T) brokertest.Harness {
		_, h := harness(t)
		return h
	})
}

func TestServe(t *testing.T) {
	brokertest.Serve(t, func(t *testing.T) (handler string, h brokertest.Harness) {
		address, h := harness(t)
		return fmt.Sprintf("kafka: {brokers: [%q], topic: %s}", address, topicName), h
	})
}

func harness(t *testing.T) (address string, h brokertest.Harness) {
	server, address := newServer(t)
	must := func(err error) {
		if t.Helper(); err != nil {
			t.Fatal(err)
		}
	}
	named := topicName + ".NewFileUpload"
	must(makeTopic(address, topicName))
	must(makeTopic(address, named))
	open := func(topic string) func() sink.Sink {
		return func() sink.Sink {
			s, err := kafka.New(kafka.Options{Brokers: []string{address}, Topic: topic, BrokerOptions: sink.BrokerOptions{UnknownTypes: sink.UnknownTypesAsIs}})
			must(err)
			return s
		}
	}
	return address, brokertest.Harness{
		Open: open(topicName), OpenNamed: open(topicName + ".{type}"),
		Read: func() (all []brokertest.Message) {
			for _, topic := range []string{topicName, named} {
				records, err := readAll(t.Context(), topic, kgo.SeedBrokers(address))
				must(err)
				for _, r := range records {
					all = append(all, message(r))
				}
			}
			return all
		},
		Server:   server,
		Delete:   func() { must(deleteTopic(address, topicName)) },
		Make:     func() { must(makeTopic(address, topicName)) },
		TooLarge: 1_100_000,
	}
}

func message(r *kgo.Record) brokertest.Message {
	m := brokertest.Message{ID: header(r, "vod-event-id"), Body: r.Value, Header: map[string]string{}}
	for _, h := range r.Headers {
		m.Header[h.Key] = string(h.Value)
	}
	return m
}

// BenchmarkEvents hands over 128 events at once to a broker in a process of its own.
func BenchmarkEvents(b *testing.B) {
	_, address := newServer(b)
	if err := makeTopic(address, topicName); err != nil {
		b.Fatal(err)
	}
	s, err := kafka.New(kafka.Options{Brokers: []string{address}, Topic: topicName})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const atOnce = 128
	all := small(1000)
	events := make(chan int)
	errs := make(chan error, atOnce)
	before := cpu(b)
	b.ResetTimer()
	for range atOnce {
		go func() {
			var failed error
			for n := range events {
				if err := s.Handle(context.Background(), all[n%len(all)]); err != nil {
					failed = err
				}
			}
			errs <- failed
		}()
	}
	for n := range b.N {
		events <- n
	}
	close(events)
	for range atOnce {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/event")
}

// cpu returns what this process has used.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(fmt.Errorf("cpu: %w", err))
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
