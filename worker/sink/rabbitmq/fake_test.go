package rabbitmq_test

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

// A fake speaks as much AMQP as a sink needs. What it does with a message is in the routing key; one that it does not know it takes.
type fake struct {
	address string

	// As the fake was made; nothing changes them.
	tls        *tls.Config
	mechanisms string // to log in; empty: PLAIN
	heartbeat  uint16 // in seconds; 0: 60, as RabbitMQ's
	hangUpAt   method // what is answered by hanging up
	mute       bool   // it has no heart

	mu        sync.Mutex
	conns     map[*wire]bool
	connected int            // how often
	published map[string]int // by routing key
	came      chan string    // the routing keys too
	mechanism string         // what the last one has logged in with
	agreed    uint16         // on that heartbeat
}

const (
	kept      = "kept"      // nothing is said of it, ever
	late      = "late"      // it is confirmed with those behind it
	all       = "all"       // it is confirmed with those before it
	refused   = "refused"   // a nack
	noQueue   = "no-queue"  // it is returned
	forbidden = "forbidden" // the channel is closed
	restarts  = "restarts"  // the connection is closed, since the broker stops
	dropped   = "dropped"   // so it is, without a word
	blocks    = "blocks"    // it is taken, and nothing should come after it
)

func (f *fake) start(t *testing.T) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.address, f.conns, f.published, f.came = listener.Addr().String(), map[*wire]bool{}, map[string]int{}, make(chan string, 5000)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if f.tls != nil {
				conn = tls.Server(conn, f.tls)
			}
			w := &wire{Conn: conn, read: bufio.NewReader(conn)}
			f.mu.Lock()
			f.conns[w] = true
			f.mu.Unlock()
			serving.Go(func() { defer w.Close(); f.serve(w) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		f.mu.Lock()
		for w := range f.conns {
			w.Close()
		}
		f.mu.Unlock()
		serving.Wait()
	})
	return f
}

// sink returns a sink of the fake's, which publishes an event under the name of its file.
func (f *fake) sink(t *testing.T, change func(*rabbitmq.Options)) *rabbitmq.Sink {
	t.Helper()
	o := rabbitmq.Options{URL: "amqp://" + f.address, RoutingKey: "{file_id}", BrokerOptions: sink.BrokerOptions{MaxInFlight: 4}}
	if change != nil {
		change(&o)
	}
	return opened(t, o)
}

func (f *fake) times(key string) (published, connected int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.published[key], f.connected
}

func (f *fake) serve(w *wire) {
	if _, err := io.ReadFull(w.read, make([]byte, 8)); err != nil {
		return
	}
	mechanisms, tag := cmp.Or(f.mechanisms, "PLAIN"), uint64(0)
	w.send(call(0, connectionStart, uint16(9), []byte{}, []byte(mechanisms), []byte("en_US"))) // version 0-9
	for {
		kind, channel, payload, err := w.frame()
		if err != nil {
			return
		}
		if kind != methodFrame {
			if !f.mute {
				w.send(framed(kind, channel, payload))
			}
			continue
		}
		m := method{binary.BigEndian.Uint16(payload), binary.BigEndian.Uint16(payload[2:])}
		if m == f.hangUpAt {
			return
		}
		arguments := cursor(payload[4:])
		switch m {
		case connectionStartOK:
			arguments.long()
			f.note(func() { f.mechanism = arguments.short() })
			w.send(call(0, connectionTune, uint16(2047), uint32(128<<10), cmp.Or(f.heartbeat, 60)))
		case connectionTuneOK:
			arguments.skip(6)
			f.note(func() { f.agreed = binary.BigEndian.Uint16(arguments) })
		case connectionOpen:
			f.note(func() { f.connected++ })
			w.send(call(0, connectionOpenOK, ""))
		case connectionClose:
			w.send(call(0, connectionCloseOK))
			return
		case channelOpen:
			w.send(call(channel, channelOpenOK, []byte{}))
		case channelClose:
			w.send(call(channel, channelCloseOK))
		case confirmSelect:
			w.send(call(channel, confirmSelectOK))
		case basicPublish:
			tag++
			arguments.skip(2)
			exchange, key := arguments.short(), arguments.short()
			content, err := w.content()
			if err != nil {
				return
			}
			f.note(func() { f.published[key]++ })
			f.came <- key
			if key == dropped {
				return
			}
			w.send(answer(channel, tag, exchange, key, content)...)
		}
	}
}

func (f *fake) note(what func()) { f.mu.Lock(); defer f.mu.Unlock(); what() }

// content reads the frames after a basic.publish, and returns them as they may be sent back.
func (w *wire) content() (frames [][]byte, err error) {
	left := uint64(1)
	for left > 0 {
		kind, channel, payload, err := w.frame()
		if err != nil {
			return nil, err
		}
		if kind == headerFrame {
			left = binary.BigEndian.Uint64(payload[4:])
		} else {
			left -= uint64(len(payload))
		}
		frames = append(frames, framed(kind, channel, payload))
	}
	return frames, nil
}

// answer returns what the fake says to a message.
func answer(channel uint16, tag uint64, exchange, key string, content [][]byte) [][]byte {
	taken := call(channel, basicAck, tag, uint8(0))
	switch key {
	case kept, late:
		return nil
	case all:
		return [][]byte{call(channel, basicAck, tag, uint8(1))}
	case refused:
		return [][]byte{call(channel, basicNack, tag, uint8(0))}
	case noQueue:
		returned := append([][]byte{call(channel, basicReturn, uint16(312), "NO_ROUTE", exchange, key)}, content...)
		return append(returned, taken)
	case forbidden:
		return [][]byte{call(channel, channelClose, uint16(403), "ACCESS_REFUSED - write access to topic 'forbidden' refused for user 'someone'",
			basicPublish.class, basicPublish.number)}
	case restarts:
		return [][]byte{call(0, connectionClose, uint16(320), "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", uint32(0))}
	case blocks:
		return [][]byte{call(0, connectionBlocked, "low on memory"), taken}
	}
	return [][]byte{taken}
}
