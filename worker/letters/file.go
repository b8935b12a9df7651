package letters

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

// A header is all that stands in a file but the event.
type header struct {
	Key       string      `json:"key"`
	SubAppID  uint64      `json:"sub_app_id"`
	Type      events.Type `json:"type"`
	File      string      `json:"file,omitempty"`
	Task      string      `json:"task,omitempty"`
	Reason    string      `json:"reason"` // the text, not the token
	Missing   []string    `json:"missing"`
	LastError string      `json:"last_error,omitempty"`
	Attempts  int         `json:"attempts"`
	First     time.Time   `json:"first"`
	Last      time.Time   `json:"last"`
	Handle    string      `json:"handle,omitempty"`
}

// A letterFile is a letter on the disk. The event is there as it came, for people and for jq, or else in base64.
type letterFile struct {
	header
	Event  json.RawMessage `json:"event"`
	Base64 []byte          `json:"event_base64"`
}

// encode returns a letter as a file. The event's bytes are put in by hand: encoding/json would take their white space out.
// Where they do not read back as they are, as with white space around them or with no JSON at all, base64 keeps them.
func encode(letter worker.DeadLetter) ([]byte, error) {
	e := letter.Event
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(header{
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
	open := bytes.TrimSuffix(text.Bytes(), []byte("\n}\n"))
	content := fmt.Appendf(nil, "%s,\n  \"event\": %s\n}\n", open, e.Raw)
	if read, err := decode(content); err == nil && bytes.Equal(read.Event, e.Raw) {
		return content, nil
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

// decode reads a file. Its errors never quote it.
func decode(content []byte) (letterFile, error) {
	var f letterFile
	if err := json.Unmarshal(content, &f); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return letterFile{}, fmt.Errorf("not a dead letter: not JSON at byte %d", syntax.Offset)
		}
		return letterFile{}, errors.New("not a dead letter: a field is not of its type")
	}
	if f.Key == "" || (f.Event == nil) == (f.Base64 == nil) {
		return letterFile{}, errors.New("not a dead letter: it needs a key, and an event or event_base64")
	}
	return f, nil
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

// entry returns the row of a list. A file does not hold its own name.
func (f letterFile) entry(name string) Entry {
	return Entry{
		Name:      name,
		Key:       f.Key,
		SubAppID:  f.SubAppID,
		Type:      f.Type,
		File:      f.File,
		Task:      f.Task,
		Handle:    f.Handle,
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
