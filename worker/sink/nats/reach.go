package nats

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vodworker/vodworker/worker/sink"
)

// reachTime is how long Reach and Risks may take.
const reachTime = 15 * time.Second

// Reach connects and logs in, and asks for the stream: whether it is there and takes the subjects. If this user may not ask, that is
// what it has found. It takes 15 s at most.
func (s *Sink) Reach(ctx context.Context) (found string, err error) {
	err = s.ask(ctx, func(_ *link, info *jetstream.StreamInfo) error {
		found = fmt.Sprintf("%s is there, with %d messages; nothing was published", s.name, info.State.Msgs)
		return s.checkStream(info.Config)
	})
	switch {
	case errors.Is(err, errDenied):
		return fmt.Sprintf("%s: logged in, but %v, so nobody knows whether the stream is as it should be", s.name, err), nil
	case err != nil:
		return "", err
	}
	return found, nil
}

// ask makes a connection of its own.
func (s *Sink) ask(ctx context.Context, use func(*link, *jetstream.StreamInfo) error) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	l, err := s.connect(ctx, func(error) {})
	if err != nil {
		return s.unreached(err)
	}
	defer l.close()
	var stream jetstream.Stream
	err = l.await(ctx, "$JS.API.STREAM.INFO."+s.opts.Stream, func(ctx context.Context) (err error) {
		stream, err = l.js.Stream(ctx, s.opts.Stream)
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return &sink.OptionError{Key: "stream", Err: errors.New("there is no such stream; make it, or write the name of another")}
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("%s: %w: switch JetStream on, for this account too", s.name, err)
	case errors.Is(err, errDenied):
		return err
	case err != nil:
		return fmt.Errorf("%w: ask %s for the stream: %w", sink.ErrUnreached, s.name, err)
	}
	return use(l, stream.CachedInfo())
}

// unreached says whose fault it is that there is no connection.
func (s *Sink) unreached(err error) error {
	switch {
	case isLogin(err):
		return &sink.OptionError{Key: s.opts.loginKey(), Err: fmt.Errorf("the server does not take this login: %w; write another", err)}
	case errors.Is(err, nats.ErrSecureConnWanted):
		return &sink.OptionError{Key: "servers", Err: fmt.Errorf("%w; have the server offer TLS, or write nats://", err)}
	}
	if _, is := errors.AsType[x509.UnknownAuthorityError](err); is {
		return fmt.Errorf("%w: %s: %w; set ca_file to a file with the certificate of its authority", sink.ErrUnreached, s.name, err)
	}
	if alert, is := errors.AsType[*net.OpError](err); is && alert.Op == "remote error" || strings.Contains(err.Error(), "after TLS handshake") {
		return fmt.Errorf("%w: %s: %w: does it want a certificate of its clients, or another one (cert_file, key_file)?", sink.ErrUnreached, s.name, err)
	}
	return fmt.Errorf("%w: %s: %w: is it running, and may this machine connect to it?", sink.ErrUnreached, s.name, err)
}

func isLogin(err error) bool {
	for _, login := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, login) {
			return true
		}
	}
	return false
}

// checkStream fails if a stream that is so would take no event.
func (s *Sink) checkStream(config jetstream.StreamConfig) error {
	taken := false
	for _, pattern := range config.Subjects {
		taken = taken || overlap(pattern, s.pattern)
	}
	switch {
	case !taken:
		return &sink.OptionError{Key: "subject", Err: fmt.Errorf("the stream does not take it, but %q; write one of those, or add it to the stream", config.Subjects)}
	case config.NoAck:
		return &sink.OptionError{Key: "stream", Err: errors.New("it has no_ack, and so never says that it has an event; set that to false")}
	case config.Sealed:
		return &sink.OptionError{Key: "stream", Err: errors.New("it is sealed, and takes no message any more; write the name of another")}
	}
	return nil
}

// covers reports whether a stream's pattern matches all subjects that another matches.
func covers(pattern, subjects string) bool {
	as, bs := strings.Split(pattern, "."), strings.Split(subjects, ".")
	for i, a := range as {
		switch {
		case i == len(bs):
			return false
		case a == ">":
			return true
		case a != "*" && a != bs[i]:
			return false
		}
	}
	return len(as) == len(bs)
}

// overlap reports whether there is a subject that both patterns match.
func overlap(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; ; i++ {
		switch {
		case i == len(as) || i == len(bs):
			return len(as) == len(bs)
		case as[i] == ">" || bs[i] == ">":
			return true
		case as[i] != bs[i] && as[i] != "*" && bs[i] != "*":
			return false
		}
	}
}
