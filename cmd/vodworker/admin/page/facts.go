package page

import (
	"cmp"
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

// facts are what is read of an event to show it, cut: all of them are sent each second.
type facts struct {
	Name   string `json:"name,omitempty"`
	File   string `json:"file,omitempty"`
	Task   string `json:"task,omitempty"`
	Status string `json:"status,omitempty"`
}

func readFacts(app uint64, kind string, raw json.RawMessage) facts {
	e := events.Event{SubAppID: app, Type: events.Type(kind), Raw: raw}
	payload := gjson.GetBytes(raw, e.Type.PayloadKey())
	return facts{ // cut, for names are as long as users like, and what is read is a part of a copy of all
		Name: cut(cmp.Or(payload.Get("MediaBasicInfo.Name").String(), payload.Get("FileName").String())),
		File: cut(e.FileID()), Task: cut(e.TaskID()), Status: cut(e.Status()),
	}
}

// read reads what has not been read yet of these lives. It holds the lock for as little as it can: an event may be large.
func (h *History) read(lives []*life) {
	type job struct {
		life *life
		app  uint64
		kind string
		raw  json.RawMessage
		key  string
	}
	var jobs []job
	h.mu.Lock()
	for _, l := range lives {
		if l.facts == nil && l.raw != nil {
			jobs = append(jobs, job{l, l.app, l.kind, l.raw, l.key})
		}
	}
	h.mu.Unlock()
	read := make([]facts, len(jobs))
	for i := range jobs {
		read[i] = readFacts(jobs[i].app, jobs[i].kind, jobs[i].raw)
		if jobs[i].key == "" {
			jobs[i].key = events.Event{SubAppID: jobs[i].app, Raw: jobs[i].raw}.Key()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, job := range jobs {
		job.life.facts = &read[i]
		if job.life.key == "" {
			job.life.key = job.key
		}
	}
}
