package kafka_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink/kafka"
	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) != "" {
		serve()
		return
	}
	_ = flag.Set("test.parallel", "12") // they wait more than they work
	os.Exit(leak.Check(m))
}

const (
	topicName  = "vod"
	partitions = 3
	large      = "4194304" // max.message.bytes for events of a test that are larger than Kafka's default
)

// upload returns an event about the file with that number, of that size at least.
func upload(file, size int) events.Event {
	text, _ := json.Marshal(map[string]any{
		"EventHandle": "h", "EventType": "NewFileUpload", "FileUploadEvent": map[string]any{"FileId": strconv.Itoa(file), "Filler": make([]int, size/2)},
	})
	return events.Split([]byte("[" + string(text) + "]"))[0]
}

// A cluster is a Kafka in this process.
type cluster struct {
	*kfake.Cluster
	t    *testing.T
	port int
	opts []kfake.Opt

	mu    sync.Mutex
	conns int
}

// newCluster runs a broker that has the topic, with these settings. It ends with the test.
func newCluster(t *testing.T, set map[string]string, opts ...kfake.Opt) *cluster {
	t.Helper()
	c := &cluster{t: t}
	c.opts = append([]kfake.Opt{kfake.Ports(0), kfake.ListenFn(c.listen), kfake.DataDir(t.TempDir())}, opts...)
	c.start()
	_, port, _ := net.SplitHostPort(c.ListenAddrs()[0])
	c.port, _ = strconv.Atoi(port)
	c.opts = append(c.opts, kfake.Ports(c.port)) // for the next start
	t.Cleanup(func() { c.Close() })
	if err := c.CreateTopic(topicName, partitions, set); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cluster) start() {
	c.t.Helper()
	running, err := kfake.NewCluster(c.opts...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.Cluster = running
}

func (c *cluster) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

// listen counts connections.
func (c *cluster) listen(network, address string) (net.Listener, error) {
	listener, err := net.Listen(network, address)
	return counting{listener, c}, err
}

type counting struct {
	net.Listener
	c *cluster
}

func (l counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.c.count(1)
		conn = &counted{Conn: conn, closed: sync.OnceFunc(func() { l.c.count(-1) })}
	}
	return conn, err
}

type counted struct {
	net.Conn
	closed func()
}

func (c *counted) Close() error { c.closed(); return c.Conn.Close() }

func (c *cluster) count(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns += n
}

func (c *cluster) held() (int, error) {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		n := c.conns
		c.mu.Unlock()
		if n == 0 || time.Now().After(deadline) {
			return n, nil
		}
	}
}

// open returns a sink that writes to the topic. It ends with the test.
func (c *cluster) open(change func(*kafka.Options)) *kafka.Sink {
	c.t.Helper()
	opts := kafka.Options{Brokers: []string{c.address()}, Topic: topicName}
	if change != nil {
		change(&opts)
	}
	s, err := kafka.New(opts)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { s.Close() })
	return s
}

// read returns all records of the topic.
func (c *cluster) read(opts ...kgo.Opt) []*kgo.Record {
	c.t.Helper()
	records, err := readAll(c.t.Context(), topicName, append(opts, kgo.SeedBrokers(c.address()))...)
	if err != nil {
		c.t.Fatal(err)
	}
	return records
}

// readAll returns all records that a topic has now.
func readAll(ctx context.Context, topic string, opts ...kgo.Opt) (all []*kgo.Record, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client, err := kgo.NewClient(append(opts, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50*time.Millisecond), kgo.MetadataMinAge(10*time.Millisecond))...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	want, err := count(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	for len(all) < want {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("%d of %d read: %w", len(all), want, err)
		}
		all = append(all, fetches.Records()...)
	}
	return all, nil
}

// count returns how many records a topic has.
func count(ctx context.Context, client *kgo.Client, topic string) (n int, err error) {
	req := kmsg.NewPtrListOffsetsRequest()
	asked := kmsg.NewListOffsetsRequestTopic()
	asked.Topic = topic
	for i := range int32(partitions) {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp = i, -1
		asked.Partitions = append(asked.Partitions, p)
	}
	req.Topics = append(req.Topics, asked)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return 0, err
	}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			n += int(max(p.Offset, 0))
		}
	}
	return n, nil
}

func header(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}
