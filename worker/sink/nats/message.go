package nats

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

// A message is what is published of an event.
type message struct {
	*nats.Msg
	id string // by which the stream drops a second one; empty: it keeps both
}

const (
	attributePrefix = "ce-" // of the working draft of the CloudEvents binding

	// maxSubject is how long a subject may be, in bytes. A server ends the connection, and so harms the neighbours, when one has more
	// than 4 KiB with its reply.
	maxSubject = 1 << 10
)

func (s *Sink) message(e events.Event) (message, error) {
	subject, err := s.subject.Of(e)
	if err != nil {
		return message{}, err
	}
	if len(subject) > maxSubject {
		return message{}, worker.Permanent(fmt.Errorf("the subject made of its fields is longer than %d bytes", maxSubject))
	}
	m, err := sink.NewMessage(e, s.opts.Format)
	if err != nil {
		return message{}, err
	}
	if m.Attributes != nil {
		m.Attributes["datacontenttype"] = m.ContentType
	}
	header := nats.Header{}
	for _, f := range broker.Fields(e, m, attributePrefix) {
		if strings.HasPrefix(f.Name, attributePrefix) {
			f.Value = encoded(f.Value)
		}
		header[f.Name] = []string{f.Value} // Set would change the name
	}
	id := ""
	if !e.Repeats() {
		// What drops duplicates is the stream, not the subject: an event that several handlers publish there, under several subjects
		// or in several formats, must be another one each time.
		id = m.ID + " " + string(cmp.Or(s.opts.Format, sink.FormatCallback)) + " " + subject
	}
	return message{&nats.Msg{Subject: subject, Header: header, Data: m.Body}, id}, nil
}

// encoded percent-encodes what a header can't hold.
func encoded(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' || r == '%' || r == '"' }) {
		return url.PathEscape(value)
	}
	return value
}

// otherStream is what the stream says that has got the message of another. The client has no name for it.
const otherStream jetstream.ErrorCode = 10060

// judged returns whose fault it is that a message was not taken, or not for sure.
func judged(err error) error {
	if errors.Is(err, nats.ErrMaxPayload) {
		return worker.Permanent(fmt.Errorf("%w: it is larger than max_payload of the server", err))
	}
	refused, _ := errors.AsType[*jetstream.APIError](err)
	if refused != nil && refused.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum {
		return worker.Permanent(fmt.Errorf("%w: it is larger than max_msg_size of the stream", err))
	}
	switch {
	case refused != nil && refused.ErrorCode == otherStream:
		err = fmt.Errorf("%w: another stream takes this subject", err)
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		err = fmt.Errorf("%w: no stream takes this subject, or the one that does has no leader now", err)
	case errors.Is(err, nats.ErrConnectionClosed):
		err = fmt.Errorf("the connection was lost before the answer: %w", err)
	}
	return worker.Unreachable(err)
}
