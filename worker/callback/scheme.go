package callback

import (
	"net"
	"strings"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	maxSaid = 1 << 10 // bytes of one line

	// What VOD posts with the wrong scheme is lost after its third try.
	tlsForHTTP = "TLS was spoken where http is expected: set callback.tls, or write http:// in the callback URL"
	httpForTLS = "http was spoken where TLS is expected: omit callback.tls, or write https:// in the callback URL"
)

// spotTLS returns what is told the first byte of each connection to a server without TLS: net/http is silent about a handshake.
func spotTLS(receiver *Receiver, log zerolog.Logger) func(net.Addr, byte) {
	return func(from net.Addr, first byte) {
		const handshake = 0x16 // the type of a TLS record
		if first == handshake {
			receiver.onBroken()
			log.Warn().Stringer("from", from).Msg(tlsForHTTP)
		}
	}
}

// hear reads, and has hello told of the first byte.
func (c *place) hear(to []byte) (int, error) {
	n, err := c.Conn.Read(to)
	if n > 0 && c.hello != nil {
		c.hello(c.RemoteAddr(), to[0])
		c.hello = nil
	}
	return n, err
}

// warnings takes what http.Server has to say.
type warnings struct {
	log      zerolog.Logger
	receiver *Receiver
}

func (w warnings) Write(line []byte) (int, error) {
	const handshake, plain = "http: TLS handshake error from ", ": client sent an HTTP request to an HTTPS server"
	if from, is := strings.CutSuffix(strings.TrimSpace(string(line)), plain); is {
		w.receiver.onBroken()
		w.log.Warn().Str("from", strings.TrimPrefix(from, handshake)).Msg(httpForTLS)
		return len(line), nil
	}
	level := zerolog.WarnLevel
	if text := string(line); strings.HasPrefix(text, handshake) && strings.HasSuffix(text, ": EOF\n") {
		level = zerolog.DebugLevel // it has left, as a probe does each time
	}
	w.log.WithLevel(level).Str("error", say.OneLine(string(line), maxSaid)).Msg("the HTTP server says")
	return len(line), nil
}
