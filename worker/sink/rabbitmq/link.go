package rabbitmq

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// A link is a connection with one channel, on which events are published. Once the channel is closed so is the connection: the next
// event makes another.
type link struct {
	conn    *amqp.Connection
	raw     net.Conn
	channel *amqp.Channel

	closing sync.Once
	gone    chan struct{} // closed when the channel is closed; what follows is set then
	why     error
	at      time.Time
	ill     bool // an event has closed it, which may come again, and not the broker or the network

	proven  atomic.Bool           // it has taken a message
	blocked atomic.Pointer[error] // why nothing should be published now

	orphans    atomic.Int64 // attempts without an outcome, for which nobody waits any more
	maxOrphans int64
	crowded    atomic.Bool // there were more of them

	attempts int64 // only for whoever has the turn

	mu       sync.Mutex
	returns  <-chan amqp.Return // has room for all that is in flight: what has none would be lost
	returned map[int64]string   // what the broker said, by the number of the attempt
}

// An attempt is a message that was written to the connection.
type attempt struct {
	number    int64
	confirmed *amqp.DeferredConfirmation
}

// attemptHeader tells returned messages apart: the same event may be in flight twice.
const attemptHeader = "vod-attempt"

var (
	errUnroutable = errors.New("no queue takes it")
	errRefused    = errors.New("RabbitMQ could not store it, and does not say why; its log may")
)

// newLink has a connection be a link on which as many messages are in flight at most, half of them orphans.
func newLink(conn *amqp.Connection, raw net.Conn, inFlight int) (*link, *watched, error) {
	channel, err := conn.Channel()
	if err != nil {
		return nil, nil, said(err)
	}
	l := &link{conn: conn, raw: raw, channel: channel, gone: make(chan struct{}), returned: map[int64]string{}, maxOrphans: int64(inFlight / 2)}
	l.returns = channel.NotifyReturn(make(chan amqp.Return, inFlight))
	w := &watched{
		closed:  channel.NotifyClose(make(chan *amqp.Error, 1)),
		blocked: conn.NotifyBlocked(make(chan amqp.Blocking, 16)),
	}
	return l, w, said(channel.Confirm(false))
}

// What is watched are the channels on which the client tells what happens to a link.
type watched struct {
	closed  <-chan *amqp.Error
	blocked <-chan amqp.Blocking
}

// watch returns when the channel is closed: by the broker, since the connection is lost, or by close.
func (l *link) watch(w *watched, log zerolog.Logger) {
	for {
		select {
		case blocking, open := <-w.blocked:
			switch {
			case !open:
				w.blocked = nil
			case blocking.Active:
				err := fmt.Errorf("RabbitMQ takes no messages at the moment: %s", say.OneLine(blocking.Reason, maxSaid))
				l.blocked.Store(&err)
				log.Warn().Err(err).Msg("RabbitMQ blocks this connection")
			default:
				l.blocked.Store(nil)
				log.Info().Msg("RabbitMQ blocks this connection no more")
			}
		case err := <-w.closed:
			l.blocked.Store(nil) // what is gone blocks nobody
			l.why, l.at = l.lost(err), time.Now()
			l.ill = err != nil && err.Server && err.Recover // so are the codes which close a channel alone: 403, 404, 406
			close(l.gone)
			l.close()
			return
		}
	}
}

func (l *link) isBlocked() error {
	if l == nil {
		return nil
	}
	if err := l.blocked.Load(); err != nil {
		return *err
	}
	return nil
}

// publish writes a message. It can take as long as the connection has patience, whatever context there is.
func (l *link) publish(exchange string, m message) (attempt, error) {
	l.attempts++
	m.Headers[attemptHeader] = l.attempts
	confirmed, err := l.channel.PublishWithDeferredConfirm(exchange, m.key, true, false, m.Publishing)
	if err != nil {
		_ = l.raw.Close() // half a message may have been written
		<-l.gone
		if errors.Is(err, amqp.ErrClosed) {
			return attempt{}, l.why
		}
		return attempt{}, said(err)
	}
	return attempt{l.attempts, confirmed}, nil
}

// outcome returns what became of an attempt that is done: one that was confirmed, or whose channel is closed.
//
// The broker returns a message before it confirms it, and the client's one reader hands on the one before the other. So what was returned
// lies in l.returns when the confirmation is done.
func (l *link) outcome(a attempt) error {
	switch text, returned := l.takeReturned(a.number); {
	case returned:
		return fmt.Errorf("%w: RabbitMQ returned it with %s", errUnroutable, say.OneLine(text, maxSaid))
	case a.confirmed.Acked():
		l.proven.Store(true)
		return nil
	case l.channel.IsClosed():
		<-l.gone
		return l.why
	}
	return errRefused
}

// abandon waits for the outcome of an attempt for which nobody else does.
//
// A queue that has lost the majority of its members neither confirms nor refuses, and the connection lives: its attempts would pile up until
// there is no slot for other queues' events. So with too many of them the connection ends, and its attempts with it.
func (l *link) abandon(a attempt) {
	if l.orphans.Add(1) > l.maxOrphans {
		l.crowded.Store(true)
		_ = l.raw.Close()
	}
	<-a.confirmed.Done()
	l.orphans.Add(-1)
}

func (l *link) takeReturned(number int64) (text string, is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		select {
		case r, open := <-l.returns:
			if !open {
				l.returns = nil
				continue
			}
			if of, is := r.Headers[attemptHeader].(int64); is {
				l.returned[of] = fmt.Sprintf("%d %s", r.ReplyCode, r.ReplyText)
			}
			continue
		default:
		}
		text, is = l.returned[number]
		delete(l.returned, number)
		return text, is
	}
}

// lost says why the channel was closed.
func (l *link) lost(err *amqp.Error) error {
	switch {
	case l.crowded.Load():
		return fmt.Errorf("RabbitMQ has not confirmed %d events in their time, so the connection was ended; look at its queues", l.maxOrphans+1)
	case err == nil:
		return errClosed
	case err.Server:
		return fmt.Errorf("RabbitMQ has closed the channel: %w", said(err))
	}
	return fmt.Errorf("the connection was lost: %w", said(err))
}

// closeTime is what the broker may take to say goodbye.
const closeTime = time.Second

// close ends the connection. It returns when that has ended.
func (l *link) close() { l.closing.Do(func() { hangUp(l.conn, l.raw) }) }

func hangUp(conn *amqp.Connection, raw net.Conn) {
	late := time.AfterFunc(closeTime, func() { _ = raw.Close() }) // has all that hangs go on
	defer late.Stop()
	_ = conn.Close() // the events' outcomes are known already
	_ = raw.Close()
}
