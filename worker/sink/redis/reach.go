package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

// reachTime bounds Reach and Risks, for a server that takes connections and answers nothing.
const reachTime = 10 * time.Second

// Reach connects, logs in and asks whether events could be added to the stream; if its key has fields, to that of an upload. Nothing is
// added. It takes 10 s at most. Errors are [*sink.OptionError] values where an option is to blame, and wrap [sink.ErrUnreached] if
// nobody answers.
func (s *Sink) Reach(ctx context.Context) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	client := s.place.client(1)
	defer func() { _ = client.Close() }()
	key, err := s.stream.Of(events.Event{Type: "NewFileUpload"})
	if err != nil {
		return "", err
	}
	if err := client.Ping(ctx).Err(); err != nil && !saysNo(err, "NOPERM") { // the user needs no ping
		return "", s.blame(err)
	}
	kind, err := client.Type(ctx, key).Result()
	switch {
	case saysNo(err, "NOPERM"):
		kind = "" // it may add without looking
	case err != nil:
		return "", s.blame(err)
	case kind != "stream" && kind != "none":
		return "", &sink.OptionError{Key: "stream", Err: fmt.Errorf("the key holds a %s; name one of a stream, or one that is not there", kind)}
	}
	if err := s.mayAdd(ctx, client, key); err != nil {
		return "", err
	}
	if err := s.mayWait(ctx, client); err != nil {
		return "", err
	}
	if kind == "none" {
		return s.name + " can be reached; the first event makes the stream", nil
	}
	return s.name + " can be reached, and added to; nothing was added", nil
}

// mayAdd tries to add an entry that no server adds: its field has no value. What is in the way is looked at before: the user's rights, a
// replica, a cluster, a full memory. The stream is not made either.
func (s *Sink) mayAdd(ctx context.Context, client *goredis.Client, key string) error {
	err := client.Do(ctx, "xadd", key, "nomkstream", "*", "field").Err()
	if err == nil || errors.Is(err, goredis.Nil) || isNoEntry(err) {
		return nil
	}
	return s.blame(err)
}

// isNoEntry knows the answer to mayAdd's entry; servers before 6.2 take its nomkstream for an id.
func isNoEntry(err error) bool {
	text := strings.ToLower(err.Error())
	return saysNo(err, "ERR") && (strings.Contains(text, "wrong number of arguments") || strings.Contains(text, "invalid stream id"))
}

// mayWait asks for no replica, which has an answer at once.
func (s *Sink) mayWait(ctx context.Context, client *goredis.Client) error {
	if s.opts.Replicas == 0 {
		return nil
	}
	err := client.Do(ctx, "wait", 0, 1).Err()
	if _, answered := errors.AsType[goredis.Error](err); answered {
		return &sink.OptionError{Key: "replicas", Err: fmt.Errorf("it needs WAIT: %w; give the user +wait, or write 0 if a proxy is in between",
			s.place.explain(err))}
	} else if err != nil {
		return s.blame(err)
	}
	return nil
}

// saysNo reports whether err is an answer of that code.
func saysNo(err error, code string) bool {
	answer, is := errors.AsType[goredis.Error](err)
	return is && strings.HasPrefix(answer.Error(), code+" ")
}

// blame says whose fault an error is.
func (s *Sink) blame(err error) error {
	why := s.place.explain(err)
	if _, answered := errors.AsType[goredis.Error](err); !answered {
		return fmt.Errorf("%w: %w: is it running at %s, and may this machine connect to it?%s", sink.ErrUnreached, why, s.place.address, s.tlsAdvice())
	}
	for code, key := range map[string]string{
		"NOAUTH": "username", "NOPERM": "username", "WRONGPASS": s.passwordKey(), "WRONGTYPE": "stream", "MOVED": "url", "READONLY": "url",
	} {
		if saysNo(err, code) {
			return &sink.OptionError{Key: key, Err: why}
		}
	}
	if strings.Contains(err.Error(), "DB index") {
		return &sink.OptionError{Key: "url", Err: fmt.Errorf("%w; name a database that there is", why)}
	}
	return why
}

func (s *Sink) passwordKey() string {
	if s.opts.PasswordFile != "" {
		return "password_file"
	}
	return "password"
}

func (s *Sink) tlsAdvice() string {
	switch {
	case !s.place.encrypted:
		return " If it speaks TLS there, write rediss://."
	case s.opts.CertFile == "":
		return " Does it speak TLS there, and does it want a certificate of its clients (cert_file, key_file)?"
	}
	return " Does it speak TLS there?"
}
