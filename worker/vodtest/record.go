package vodtest

import (
	"encoding/json"
	"time"
)

// A Sent is an event as [Config].Record is told of it.
type Sent struct {
	Time     time.Time // when it was sent, by the emulator's time (see [Emulator.Advance]), in UTC
	SubAppID uint64    `json:"SubAppId"`
	Event    json.RawMessage
}

// record tells of an event. The lock must be held.
func (e *Emulator) record(a *app, content []byte) {
	if e.cfg.Record != nil {
		e.cfg.Record(Sent{Time: e.now().UTC(), SubAppID: a.id, Event: content})
	}
}
