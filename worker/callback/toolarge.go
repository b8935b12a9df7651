package callback

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/rs/zerolog"
	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	maxSkim  = 64 << 20 // how far the end of a body is looked for; an answer of PullEvents, with all its events, has 50 MB
	tailSize = 1 << 10  // of the end, in which the signature may stand
	maxName  = 128      // of a type, a file or a task in the log
)

// reasonTooLarge is why an event of more than maxBody is lost.
const reasonTooLarge worker.Reason = "too_large"

// A tooLarge is the error for a body that is not kept: its beginning, and the last that was read.
type tooLarge struct {
	head, tail []byte
	signed     bool
}

func (l *tooLarge) Error() string { return fmt.Sprintf("an event of more than %d MiB", maxBody>>20) }

// refuse returns the refusal, which names the event. It is VOD's, and lost, if it is signed, or nothing has to be. rest is
// what was not read.
func (l *tooLarge) refuse(keys signKeys, rest io.Reader) *refusal {
	lost := l.signed || len(keys) == 0
	if !lost {
		sign, t := signatureAtEnd(l.tail, rest)
		lost = keys.check(sign, t, time.Now()) == ""
	}
	typ := gjson.GetBytes(l.head, "EventType")
	if !typ.Exists() {
		typ = gjson.GetBytes(l.head, "eventType")
	}
	return &refusal{
		status: http.StatusRequestEntityTooLarge, why: l.Error(), lost: lost,
		event: events.Event{Type: events.Type(say.OneLine(typ.Str, maxName)), Raw: l.head},
	}
}

var (
	signAtEnd = regexp.MustCompile(`"[Ss]ign"\s*:\s*"([0-9A-Fa-f]{32})"`)
	tAtEnd    = regexp.MustCompile(`"[Tt]"\s*:\s*"?([0-9]{1,19})["\s,}]`)
)

// signatureAtEnd reads on, and returns the signature at the end. Wherever exactly it stands, only who has the key can have
// put one there that holds.
func signatureAtEnd(tail []byte, rest io.Reader) (sign, t string) {
	chunk := make([]byte, judgedBody)
	for read := 0; read < maxSkim; {
		n, err := rest.Read(chunk)
		read += n
		tail = append(tail[max(0, len(tail)-tailSize):], chunk[:n]...)
		if err != nil {
			break
		}
	}
	return last(signAtEnd, tail), last(tAtEnd, tail)
}

func last(pattern *regexp.Regexp, text []byte) string {
	found := pattern.FindAllSubmatch(text, -1)
	if len(found) == 0 {
		return ""
	}
	return string(found[len(found)-1][1])
}

// lose says which event is lost with a refusal. Without a key anybody can send such: then not each has its line.
func (r *Receiver) lose(refused *refusal) {
	now := time.Now()
	letter := worker.DeadLetter{
		Event:  events.Event{SubAppID: r.opts.SubAppID, Type: refused.event.Type},
		Reason: reasonTooLarge, First: now, Last: now, LastError: refused.why,
	}
	log := r.opts.Log
	if len(r.bodies.keys) == 0 {
		log = r.logs.refused
	}
	s := r.lock()
	defer s.unlock()
	s.status.Lost++
	s.tell(func() {
		log.Error().EmbedObject(refused).Msg("event lost: it is too large to be taken, and does not come again")
		if hook := r.opts.Hooks.Lost; hook != nil {
			hook(letter)
		}
	})
}

// MarshalZerologObject says why, and of which event as far as that is known.
func (r *refusal) MarshalZerologObject(line *zerolog.Event) {
	line.Str("why", r.why)
	for name, value := range map[string]string{
		"type": string(r.event.Type), "file": r.event.FileID(), "task": r.event.TaskID(),
	} {
		if value != "" {
			line.Str(name, say.OneLine(value, maxName))
		}
	}
}
