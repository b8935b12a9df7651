package rabbitmq

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

const (
	// heartbeat is what is agreed on with the broker, which says something twice in that time. The client takes a connection for lost on
	// which it hears nothing three times: for 9 s.
	heartbeat = 6 * time.Second

	// writeTime is what the broker may take until it reads on: as long. A client that is stuck in a write does not notice the silence.
	writeTime = 3 * heartbeat / 2
)

// A patient connection does not wait for ever when it is written to.
type patient struct{ net.Conn }

func (p patient) Write(text []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return p.Conn.Write(text)
}

// dialRaw returns what AMQP is spoken on, and the connection below it: closing that one waits for no goodbye of TLS's.
func (s *Sink) dialRaw(ctx context.Context) (stream, raw net.Conn, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, nil, err
	}
	stream = patient{conn}
	if s.tlsConfig != nil {
		secured := tls.Client(stream, s.tlsConfig)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, nil, err
		}
		stream = secured
	}
	return stream, conn, nil
}

func (s *Sink) config() amqp.Config {
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName("vodworker")
	return amqp.Config{
		SASL: []amqp.Authentication{s.auth()}, Vhost: s.vhost, Heartbeat: heartbeat, FrameSize: 128 << 10, Locale: "en_US",
		Properties: properties,
	}
}

// auth is asked for each connection: a password may have changed.
func (s *Sink) auth() amqp.Authentication {
	switch username, password := s.login(); {
	case username != "":
		return &amqp.PlainAuth{Username: username, Password: password}
	case s.opts.CertFile != "":
		return new(amqp.ExternalAuth)
	}
	return &amqp.PlainAuth{Username: "guest", Password: "guest"}
}

// unreached says why there is no connection. Where somebody answers whom we don't trust, or who doesn't encrypt, that is an option.
func (s *Sink) unreached(ctx context.Context, err error) error {
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return &sink.OptionError{Key: "ca_file", Err: fmt.Errorf("the certificate of %s is not trusted: %w", s.address, err)}
	}
	if _, plain := errors.AsType[tls.RecordHeaderError](err); plain {
		return &sink.OptionError{Key: "url", Err: fmt.Errorf("%s speaks no TLS; is it the port for amqps?", s.address)}
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%w: connect to %s: %w", sink.ErrUnreached, s.address, err)
}

// notOpened says why a connection could not be used.
func (s *Sink) notOpened(err error) error {
	answer, is := errors.AsType[*amqp.Error](err)
	switch {
	case !is:
		return fmt.Errorf("%w: %s has closed the connection: %w", sink.ErrUnreached, s.address, err)
	case answer == amqp.ErrSASL:
		return &sink.OptionError{Key: "username", Err: errors.New("RabbitMQ does not take this way to log in; a login with a certificate needs its plugin")}
	case answer == amqp.ErrCredentials: // the client's guess when the broker says nothing
		return &sink.OptionError{Key: s.loginKey(), Err: errors.New("RabbitMQ has closed the connection during the login; " +
			"look at the user and the password, or it is restarting")}
	case answer == amqp.ErrVhost, answer == amqp.ErrClosed: // so too
		return fmt.Errorf("%w: %s has closed the connection during the login", sink.ErrUnreached, s.address)
	case answer.Server && answer.Code == amqp.AccessRefused:
		return &sink.OptionError{Key: s.loginKey(), Err: errors.New("RabbitMQ refuses the login; look at the user and the password")}
	case answer.Server && answer.Code == amqp.NotAllowed:
		return &sink.OptionError{Key: "url", Err: fmt.Errorf("the user may not use this vhost: %w", said(err))}
	}
	return fmt.Errorf("%w: %s gives no answer of RabbitMQ's: %w", sink.ErrUnreached, s.address, said(err))
}

func (s *Sink) loginKey() string {
	switch {
	case s.opts.PasswordFile != "":
		return "password_file"
	case s.opts.Password != "":
		return "password"
	}
	return "username"
}

// maxSaid is how much of what the broker says goes into an error, in bytes.
const maxSaid = 300

// said returns what the client or the broker says in an error, without who logs in, and wraps nothing that would say more.
func said(err error) error {
	answer, is := errors.AsType[*amqp.Error](err)
	if !is {
		return err
	}
	text, user, _ := strings.Cut(answer.Reason, " for user '")
	if end := strings.LastIndex(user, "': "); end >= 0 {
		text += user[end+1:] // why
	}
	if answer.Server {
		text = fmt.Sprintf("%d %s", answer.Code, text)
	}
	return errors.New(say.OneLine(text, maxSaid))
}
