package vodtest

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// listed is how many a state lists at most of the events that wait, of those in flight, and of the files.
const listed = 50

// An appState is one application's, as [Emulator.State] shows it: those in flight by the ends of their windows, the newest of all
// else first. No secret is in it.
type appState struct {
	SubAppID  uint64   `json:"SubAppId"`
	SubAppIDs []uint64 `json:"SubAppIds"` // that were ever used
	Now       time.Time
	AheadMS   int64 `json:"AheadMs"` // of the real time, by Advance
	Key       shownKey
	Settings  shownSettings
	Faults    string // as ParseFaults reads them
	Failures  string // as ParseFailures reads them
	WindowMS  int64  `json:"WindowMs"`
	TaskMS    int64  `json:"TaskMs"`     // how long a task takes
	LastFile  string `json:"LastFileId"` // that was uploaded
	Stats     Stats
	Found     *found `json:",omitempty"` // by a filter
	Waiting   []shownEvent
	InFlight  []shownEvent
	Past      []shownEvent
	Media     shownMedia
	Calls     []pastCall // of all applications
	Callbacks []shownCallback
}

// A shownKey is the key to begin with. Its secret half is shown only if it is the one that all documents name.
type shownKey struct {
	SecretID  string `json:"SecretId"`
	SecretKey string `json:",omitempty"`
}

func (c Config) shownKey() shownKey {
	shown := shownKey{SecretID: c.SecretID}
	if c.SecretKey == DefaultSecretKey {
		shown.SecretKey = DefaultSecretKey
	}
	return shown
}

type shownSettings struct {
	Mode            string
	NotificationURL string `json:"NotificationUrl"` // without what may be secret
	Upload          string `json:"UploadMediaCompleteEventSwitch"`
	Delete          string `json:"DeleteMediaCompleteEventSwitch"`
	Persistence     string `json:"PersistenceCompleteEventSwitch"`
	Signed          bool   // there is a SignKey
}

func (s settings) shown() shownSettings {
	return shownSettings{s.mode, weburl.WithoutSecrets(s.url), s.upload, s.deletion, s.persisted, s.signKey != ""}
}

// shownMedia is the newest files of the library, also those that were deleted, and how many there are in all.
type shownMedia struct {
	Files []library.MediaView
	Of    int
}

func mediaOf(l *library.Library) shownMedia {
	files, all := l.View(listed)
	return shownMedia{files, all}
}

type shownEvent struct {
	Number int // among the application's events, from 1
	summary
	Sent       time.Time
	Handle     string `json:",omitempty"`
	Deliveries int
	LeftMS     int64      `json:"LeftMs,omitempty"` // of its window
	How        string     `json:",omitempty"`       // it left the queue
	Ended      *time.Time `json:",omitempty"`       // when it did

	content []byte
	brief   *brief
}

type shownCallback struct {
	Number int // of the event
	summary
	URL    string `json:"Url"`
	Try    int
	Last   bool
	Time   time.Time
	TookMS int64  `json:"TookMs"`
	Status int    `json:",omitempty"`
	Error  string `json:",omitempty"`

	content []byte
}

// State returns everything about an application as a JSON object, for people to read, and for what shows it to them: its
// settings, where each event is, the media with their tasks, and the last calls and callbacks. Members may come and go with
// versions: tests ask [Emulator.Stats] and [Emulator.Queued]. It lists at most 50 events that wait, 50 in flight, the last 100
// that have left, and the 50 newest files. With a filter the events are of the ones that it takes, and Found says how many those
// are, of how many. No secret is in it.
func (e *Emulator) State(subAppID uint64, f Filter) json.RawMessage {
	state, _ := json.Marshal(e.state(subAppID, f)) // text, numbers and times always marshal
	return state
}

// state returns a snapshot. Events are read only after the lock is free again, since there may be many calls.
func (e *Emulator) state(subAppID uint64, f Filter) appState {
	most := math.MaxInt // a filter looks through all
	if f == (Filter{}) {
		most = listed
	}
	s := e.snapshot(subAppID, most)
	n := found{Of: len(s.Waiting) + len(s.InFlight) + len(s.Past)}
	s.Waiting, n.Waiting = f.choose(s.Waiting, listed)
	s.InFlight, n.InFlight = f.choose(s.InFlight, listed)
	s.Past, n.Past = f.choose(s.Past, keptPast)
	if f != (Filter{}) {
		s.Found = &n
	}
	for i := range s.Callbacks {
		s.Callbacks[i].summary = summarize(s.Callbacks[i].content)
	}
	return s
}

// snapshot lists at most so many events of each kind.
func (e *Emulator) snapshot(subAppID uint64, most int) appState {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	a := e.look(subAppID)
	e.catchUp(a, now)
	a.queue.expire(now)
	s := appState{
		SubAppID:  subAppID,
		SubAppIDs: append([]uint64{}, slices.Sorted(maps.Keys(e.apps))...),
		Now:       now,
		AheadMS:   e.time.Ahead().Milliseconds(),
		Key:       e.cfg.shownKey(),
		Settings:  a.settings.shown(),
		Faults:    formatFaults(e.script),
		Failures:  library.Format(e.rules.Failures),
		WindowMS:  e.window().Milliseconds(),
		TaskMS:    max(e.rules.TaskTime, 0).Milliseconds(),
		Media:     mediaOf(a.library),
		LastFile:  a.library.LastFile(),
		Stats:     a.stats(),
		Calls:     e.calls.newest(),
		Waiting:   []shownEvent{},
		InFlight:  []shownEvent{},
		Past:      []shownEvent{},
		Callbacks: []shownCallback{},
	}
	for place := a.queue.waiting.Back(); place != nil && len(s.Waiting) < most; place = place.Prev() {
		s.Waiting = append(s.Waiting, place.Value.(*item).shown())
	}
	for place := a.queue.leased.Front(); place != nil && len(s.InFlight) < most; place = place.Next() {
		l := place.Value.(*lease)
		if !l.of.inFlight() || l != l.of.leases[len(l.of.leases)-1] {
			continue // it is over, or was handed out again
		}
		shown := l.of.shown()
		shown.LeftMS = l.end.Sub(now).Milliseconds()
		s.InFlight = append(s.InFlight, shown)
	}
	for _, past := range a.queue.past.newest() {
		shown := past.shown()
		shown.How, shown.Ended = past.how, &past.at
		s.Past = append(s.Past, shown)
	}
	for _, c := range a.outbox.past.newest() {
		s.Callbacks = append(s.Callbacks, shownCallback{
			Number: c.Event, URL: c.URL, Try: c.Try, Last: c.Last, Time: c.Start, TookMS: c.Took.Milliseconds(),
			Status: c.Status, Error: errorText(c.Err), content: c.Content,
		})
	}
	return s
}

func (it *item) shown() shownEvent {
	return shownEvent{
		Number: it.seq, Sent: it.sent, Handle: it.handle, Deliveries: it.deliveries, content: it.content, brief: it.brief,
	}
}

// Event returns an event by its number, as it was sent, if it is still known: see [Emulator.State]. Large ones are forgotten
// once they have left the queue.
func (e *Emulator) Event(subAppID uint64, number int) (content []byte, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.look(subAppID)
	if it := a.queue.find(number); it != nil {
		return it.content, true
	}
	for _, past := range a.queue.past.kept {
		if past.seq == number {
			return past.content, past.content != nil
		}
	}
	for _, c := range a.outbox.past.kept {
		if c.Event == number {
			return c.Content, c.Content != nil
		}
	}
	return nil, false
}

// A summary is what tells one event from another at a glance.
type summary struct {
	Type   string
	FileID string `json:"FileId,omitempty"`
	TaskID string `json:"TaskId,omitempty"`
	Status string `json:",omitempty"`
	Name   string `json:",omitempty"` // of the file
}

// summarize reads what it can of an event; anything may be missing or mistyped.
func summarize(content []byte) (s summary) {
	var members map[string]json.RawMessage
	if json.Unmarshal(content, &members) != nil {
		return summary{Type: "(not kept)"}
	}
	s.Type = plain(members["EventType"])
	for _, member := range members {
		if member[0] != '{' {
			continue
		}
		var payload struct {
			FileID         json.RawMessage `json:"FileId"`
			TaskID         json.RawMessage `json:"TaskId"`
			Status         json.RawMessage
			FileName       json.RawMessage
			MediaBasicInfo struct{ Name json.RawMessage }
			FileIDSet      []json.RawMessage `json:"FileIdSet"`
		}
		_ = json.Unmarshal(member, &payload) // what is mistyped stays empty
		if len(payload.FileIDSet) > 0 {
			payload.FileID = payload.FileIDSet[0]
		}
		s.FileID = cmp.Or(s.FileID, plain(payload.FileID))
		s.TaskID = cmp.Or(s.TaskID, plain(payload.TaskID))
		s.Status = cmp.Or(s.Status, plain(payload.Status))
		s.Name = cmp.Or(s.Name, plain(payload.MediaBasicInfo.Name), plain(payload.FileName))
	}
	return s
}

// plain returns the text of a JSON string, and any other value as it is written.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value)
	}
	return shorten(text)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return shorten(strings.TrimPrefix(err.Error(), "vodtest: "))
}
