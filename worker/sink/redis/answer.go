package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

var errNoAnswer = errors.New("no answer has come")

// outcome returns what became of an entry, of a pipeline that has ended with err: nil if it is accepted. The entry's id tells it, and not
// the absence of an error: the client gives none to entries for which there was no login, and gives that of a lost connection to those
// too that were answered before.
func (s *Sink) outcome(added *goredis.StringCmd, replicas *goredis.IntCmd, err error) error {
	switch {
	case added.Val() == "":
		if added.Err() != nil {
			err = added.Err()
		}
		if isTooLarge(err) {
			return worker.Permanent(s.place.explain(err))
		}
		err = s.place.explain(err)
	case replicas == nil:
		return nil
	case replicas.Val() >= int64(s.opts.Replicas):
		return nil
	case replicas.Err() != nil:
		err = fmt.Errorf("it is added, but nobody knows whether replicas have it: %w", s.place.explain(replicas.Err()))
	default:
		err = fmt.Errorf("it is added, but only %d of %d replicas have it", replicas.Val(), s.opts.Replicas)
	}
	return worker.Unreachable(err)
}

// isTooLarge knows the answer to a body over the server's limit. Often it is lost with the connection.
func isTooLarge(err error) bool {
	return saysNo(err, "ERR") && strings.Contains(err.Error(), "invalid bulk length")
}

// advice is for the first words of the server's errors.
var advice = map[string]string{
	"READONLY":  "this server is a replica: connect to its primary",
	"MOVED":     "this server is a node of a cluster, which this sink does not speak to: use one that is not, or a proxy",
	"ASK":       "this server is a node of a cluster, which this sink does not speak to: use one that is not, or a proxy",
	"WRONGTYPE": "the key holds something that is no stream: name another",
	"OOM":       "it has no memory left: raise maxmemory, or set max_len",
	"NOAUTH":    "it wants a login: write username (default, if it has none) and password_file",
	"WRONGPASS": "look at username and password",
	"NOPERM":    "the user may not do this: it needs +xadd and +ping, with replicas +wait, and the keys of the stream",
	"MISCONF":   "it can't write to its disk: look at its log",
	"LOADING":   "it is starting",

	"NOREPLICAS": "it has fewer replicas than its min-replicas-to-write",
}

const maxWords = 200 // bytes of a server's error that are shown

// explain returns the error without what may be a secret, in words.
func (p *place) explain(err error) error {
	answer, is := errors.AsType[goredis.Error](err)
	switch none, unreached := errors.AsType[*unreachedError](err); {
	case err == nil:
		return errors.New("the answer has no id")
	case unreached:
		return fmt.Errorf("no connection: %w", none.error)
	case errors.Is(err, goredis.ErrClosed):
		return errors.New("closed")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return errNoAnswer
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the connection was lost before the answer: %w", err)
	case !is:
		return err
	}
	words := say.OneLine(p.hide(answer.Error()), maxWords)
	code, _, _ := strings.Cut(answer.Error(), " ")
	if what := advice[code]; what != "" {
		return fmt.Errorf("the server says %q: %s", words, what)
	}
	return fmt.Errorf("the server says %q", words)
}

// hide takes the login out of a server's words, the password first: the username may be a part of it.
func (p *place) hide(words string) string {
	sent := p.sent.Load()
	if sent == nil {
		return words
	}
	var pairs []string
	for _, secret := range []string{sent.password, sent.username} {
		if secret != "" && secret != defaultUser {
			pairs = append(pairs, secret, "***")
		}
	}
	return strings.NewReplacer(pairs...).Replace(words)
}

// watch says when nothing can be asked, and when it can be again. A no to an event is no trouble of the connection.
func (s *Sink) watch(err error) {
	if errors.Is(err, goredis.ErrClosed) {
		return
	}
	_, answered := errors.AsType[goredis.Error](err)
	s.troubled.Lock()
	defer s.troubled.Unlock()
	if answered = answered && !saysNo(err, "NOAUTH") && !saysNo(err, "WRONGPASS") && !saysNo(err, "LOADING"); err == nil || answered {
		s.trouble.Over(time.Now())
	} else {
		s.trouble.Report(time.Now(), s.place.explain(err))
	}
}

const (
	smallestLimit = 1 << 20   // that a server can be set to
	defaultLimit  = 512 << 20 // of servers that do not tell theirs
)

// tooLarge fails if a server does not take a body of this size. It closes the connection, mostly without a word, if it gets one.
func (s *Sink) tooLarge(ctx context.Context, size int) error {
	if size <= smallestLimit {
		return nil
	}
	limit := defaultLimit
	got, err := s.client.ConfigGet(ctx, limitKey).Result()
	if _, answered := errors.AsType[goredis.Error](err); err != nil && !answered {
		return worker.Unreachable(s.place.explain(err))
	}
	if n, err := strconv.Atoi(got[limitKey]); err == nil {
		limit = n
	}
	if size > limit {
		return worker.Permanent(fmt.Errorf("it has %d bytes, and the server takes %d at most (%s)", size, limit, limitKey))
	}
	return nil
}

const limitKey = "proto-max-bulk-len"
