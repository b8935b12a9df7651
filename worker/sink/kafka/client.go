package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const (
	// linger is how long an event waits for others of its partition, so that they share a batch.
	linger = 2 * time.Millisecond

	dialTimeout = 3 * time.Second

	// patience is how long a broker may be silent before its connection is closed: until then, what goes to it waits. A write of events
	// must be over in that time too, and one that never is would be tried for ever. So a write is not much larger than the largest
	// event, and has a second more for each MiB of that: 8 Mbit/s do. The answer to it has 10 s more, in which the broker has to answer
	// itself. What was cut off is sent again with the same numbers: a broker that has it already says so, and it is there once.
	patience = 3 * time.Second
	mega     = 1 << 20

	maxBackoff = time.Second

	// topicEvery is how often a topic that is not there is looked for. After five times the events for it have failed.
	topicEvery = 250 * time.Millisecond
)

// client returns what all clients have in common. What is not here has the client's defaults, and must keep them: all in-sync replicas
// acknowledge, producers are idempotent, and no record is given up by a time or a count, since none that was sent can be.
func (o Options) client() ([]kgo.Opt, error) {
	maxMessage := o.MaxMessageBytes
	if maxMessage == 0 {
		maxMessage = defaultMaxMessage
	}
	opts := []kgo.Opt{
		kgo.SeedBrokers(o.Brokers...),
		kgo.ClientID("vodworker"),
		kgo.ProducerBatchMaxBytes(int32(maxMessage)),
		kgo.BrokerMaxWriteBytes(int32(maxMessage + mega)),
		kgo.RequestTimeoutOverhead(patience + time.Duration(maxMessage/mega)*time.Second),
		kgo.MaxBufferedBytes(maxBuffered),
		kgo.ProducerBatchCompression(kgo.NoCompression()), // not all clients in other languages read the other ones
		kgo.DialTimeout(dialTimeout),
		kgo.RetryBackoffFn(backoff),
		kgo.MetadataMinAge(topicEvery),
	}
	if o.Mechanism != "" {
		opts = append(opts, kgo.SASL(o.login()))
	}
	if o.TLS {
		config, err := o.BrokerOptions.TLS()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(config))
	}
	return opts, nil
}

// backoff returns the pause after so many failures in a row.
func backoff(failures int) time.Duration {
	return min(50*time.Millisecond<<min(failures, 10), maxBackoff)
}

// login reads the password again for each connection.
func (o Options) login() sasl.Mechanism { return discreet{o.mechanism()} }

func (o Options) mechanism() sasl.Mechanism {
	login := o.Login()
	if o.Mechanism == Plain {
		return plain.Plain(func(context.Context) (plain.Auth, error) {
			user, pass := login()
			return plain.Auth{User: user, Pass: pass}, nil
		})
	}
	auth := func(context.Context) (scram.Auth, error) {
		user, pass := login()
		return scram.Auth{User: user, Pass: pass}, nil
	}
	if o.Mechanism == ScramSHA256 {
		return scram.Sha256(auth)
	}
	return scram.Sha512(auth)
}

// errLogin stands for what a login fails with on our side. The client's own words may hold what it has made of the password.
var errLogin = errors.New("the login failed: the broker's answer to it is not right, so it may not know the password")

// A discreet mechanism says nothing of what is exchanged.
type discreet struct{ sasl.Mechanism }

func (d discreet) Authenticate(ctx context.Context, host string) (sasl.Session, []byte, error) {
	session, first, err := d.Mechanism.Authenticate(ctx, host)
	if err != nil {
		return nil, nil, errLogin
	}
	return discreetSession{session}, first, nil
}

type discreetSession struct{ sasl.Session }

func (d discreetSession) Challenge(text []byte) (done bool, answer []byte, err error) {
	done, answer, err = d.Session.Challenge(text)
	if err != nil {
		err = errLogin
	}
	return done, answer, err
}

// clean returns an error of the client's without what it must not show, or be taken for: brokers may quote the login that they refuse,
// so of theirs only the kind stays, and a context that has ended is the client's own, or a neighbour's.
func clean(err error) error {
	if kind, is := errors.AsType[*kerr.Error](err); is {
		if kind == kerr.SaslAuthenticationFailed {
			return fmt.Errorf("the login is refused: %w", kind)
		}
		return kind
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return errors.New("nobody has answered in time")
	}
	return err
}
