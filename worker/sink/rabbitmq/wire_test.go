package rabbitmq_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// A method of AMQP 0-9-1: its class and its number.
type method struct{ class, number uint16 }

var (
	connectionStart   = method{10, 10}
	connectionStartOK = method{10, 11}
	connectionTune    = method{10, 30}
	connectionTuneOK  = method{10, 31}
	connectionOpen    = method{10, 40}
	connectionOpenOK  = method{10, 41}
	connectionClose   = method{10, 50}
	connectionCloseOK = method{10, 51}
	connectionBlocked = method{10, 60}
	channelOpen       = method{20, 10}
	channelOpenOK     = method{20, 11}
	channelClose      = method{20, 40}
	channelCloseOK    = method{20, 41}
	basicPublish      = method{60, 40}
	basicReturn       = method{60, 50}
	basicAck          = method{60, 80}
	basicNack         = method{60, 120}
	confirmSelect     = method{85, 10}
	confirmSelectOK   = method{85, 11}
)

const (
	methodFrame = 1
	headerFrame = 2
	frameEnd    = 0xCE
)

// A wire is a server's end of a connection.
type wire struct {
	net.Conn
	read *bufio.Reader

	mu sync.Mutex // for writing
}

func (w *wire) frame() (kind byte, channel uint16, payload []byte, err error) {
	head := make([]byte, 7)
	if _, err := io.ReadFull(w.read, head); err != nil {
		return 0, 0, nil, err
	}
	payload = make([]byte, binary.BigEndian.Uint32(head[3:])+1)
	if _, err := io.ReadFull(w.read, payload); err != nil {
		return 0, 0, nil, err
	}
	return head[0], binary.BigEndian.Uint16(head[1:]), payload[:len(payload)-1], nil
}

// send writes frames as one piece. An error is seen by whoever reads next.
func (w *wire) send(frames ...[]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, frame := range frames {
		_, _ = w.Write(frame)
	}
}

func framed(kind byte, channel uint16, payload []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	head = binary.BigEndian.AppendUint32(head, uint32(len(payload)))
	return append(append(head, payload...), frameEnd)
}

// call makes the frame of a method. Its arguments are numbers of their size, text for a short string, and bytes for a long one.
func call(channel uint16, m method, arguments ...any) []byte {
	payload := binary.BigEndian.AppendUint16(nil, m.class)
	payload = binary.BigEndian.AppendUint16(payload, m.number)
	for _, argument := range arguments {
		switch v := argument.(type) {
		case string:
			payload = append(append(payload, byte(len(v))), v...)
		case []byte:
			payload = append(binary.BigEndian.AppendUint32(payload, uint32(len(v))), v...)
		default:
			payload, _ = binary.Append(payload, binary.BigEndian, v)
		}
	}
	return framed(methodFrame, channel, payload)
}

// A cursor reads arguments.
type cursor []byte

func (c *cursor) skip(n int) []byte { skipped := (*c)[:n]; *c = (*c)[n:]; return skipped }

func (c *cursor) short() string { return string(c.skip(int(c.skip(1)[0]))) }

func (c *cursor) long() []byte { return c.skip(int(binary.BigEndian.Uint32(c.skip(4)))) }
