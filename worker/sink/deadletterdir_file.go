package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// maxReason is how many bytes of a reason or an error a letter holds. A handler's error can quote whatever it met.
const maxReason = 2 << 10

// An Entry is what there is to say of one file of a [DeadLetterDir], and all that stands in the file but the event.
type Entry struct {
	// Name is the file's: the event's Key, for one that [events.Event.Repeats] a short hash of its delivery, and .json.
	Name string `json:"name,omitempty"`

	Key       string      `json:"key"`
	SubAppID  uint64      `json:"sub_app_id"`
	Type      events.Type `json:"type"`
	File      string      `json:"file,omitempty"` // the event's FileID and TaskID
	Task      string      `json:"task,omitempty"`
	Reason    string      `json:"reason"`
	Missing   []string    `json:"missing"` // none: no handler wanted the event
	LastError string      `json:"last_error,omitempty"`
	Attempts  int         `json:"attempts"`
	First     time.Time   `json:"first"`
	Last      time.Time   `json:"last"`
	Handle    string      `json:"handle,omitempty"`

	// Err says why the file cannot be read, or is no letter. Then only Name is set.
	Err error `json:"-"`
}

// A letterFile is a file. The event is there as it came, for people and for jq, or else in base64.
type letterFile struct {
	Entry
	Event  json.RawMessage `json:"event"`
	Base64 []byte          `json:"event_base64"`
}

// encodeLetter returns the file. The event's bytes are put in by hand: encoding/json would take their white space out.
// Where they do not read back as they are, as with white space around them or with no JSON at all, base64 keeps them.
func encodeLetter(letter worker.DeadLetter) ([]byte, error) {
	e := letter.Event
	var header bytes.Buffer
	encoder := json.NewEncoder(&header)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(Entry{
		Key:       e.Key(),
		SubAppID:  e.SubAppID,
		Type:      e.Type,
		File:      e.FileID(),
		Task:      e.TaskID(),
		Reason:    bounded(letter.Reason.Text()),
		Missing:   append([]string{}, letter.Missing...), // [], not null
		LastError: bounded(letter.LastError),
		Attempts:  letter.Attempts,
		First:     letter.First.UTC().Truncate(time.Millisecond),
		Last:      letter.Last.UTC().Truncate(time.Millisecond),
		Handle:    e.Handle,
	})
	if err != nil {
		return nil, err
	}
	open := bytes.TrimSuffix(header.Bytes(), []byte("\n}\n"))
	file := fmt.Appendf(nil, "%s,\n  \"event\": %s\n}\n", open, e.Raw)
	if read, err := decodeLetter(file); err == nil && bytes.Equal(read.Event, e.Raw) {
		return file, nil
	}
	raw, err := json.Marshal([]byte(e.Raw))
	if err != nil {
		return nil, err
	}
	if e.Raw == nil {
		raw = []byte(`""`)
	}
	return fmt.Appendf(nil, "%s,\n  \"event_base64\": %s\n}\n", open, raw), nil
}

// decodeLetter reads a file. Its errors never quote it.
func decodeLetter(content []byte) (letterFile, error) {
	var file letterFile
	if err := json.Unmarshal(content, &file); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return letterFile{}, fmt.Errorf("not a dead letter: not JSON at byte %d", syntax.Offset)
		}
		return letterFile{}, errors.New("not a dead letter: a field is not of its type")
	}
	if file.Key == "" || (file.Event == nil) == (file.Base64 == nil) {
		return letterFile{}, errors.New("not a dead letter: it needs a key, and an event or event_base64")
	}
	return file, nil
}

func (f letterFile) letter() worker.DeadLetter {
	raw := f.Event
	if raw == nil {
		raw = f.Base64
	}
	return worker.DeadLetter{
		Event:     events.Event{SubAppID: f.SubAppID, Handle: f.Handle, Type: f.Type, Raw: raw},
		Reason:    reasonOf(f.Reason),
		Missing:   f.Missing,
		LastError: f.LastError,
		Attempts:  f.Attempts,
		First:     f.First,
		Last:      f.Last,
	}
}

// reasonOf returns the reason of which the file has the words.
func reasonOf(text string) worker.Reason {
	for _, reason := range worker.Reasons() {
		if reason.Text() == text {
			return reason
		}
	}
	return worker.Reason(text)
}

// bounded returns text as a letter holds it: valid, and not too long.
func bounded(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return say.Cut(text, maxReason-len("…"))
}
