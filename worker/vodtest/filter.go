package vodtest

import (
	"slices"
	"strings"
	"sync"
)

// A Filter chooses the events of a state. An empty one takes all.
type Filter struct {
	Type string // of event
	Find string // part of a FileId, a TaskId or a name, in whatever case
}

// A found is how many events a filter has chosen, of how many.
type found struct{ Waiting, InFlight, Past, Of int }

// choose reads events. It returns the first that the filter takes, at most so many, and how many it takes in all.
func (f Filter) choose(events []shownEvent, most int) (chosen []shownEvent, all int) {
	chosen = events[:0]
	for _, event := range events {
		event.summary = event.brief.of(event.content)
		if !f.takes(event.summary) {
			continue
		}
		if all++; all <= most {
			chosen = append(chosen, event)
		}
	}
	return chosen, all
}

// A brief is the summary of an event, made when it is first asked for: a filter asks for those of all events, again and again.
type brief struct {
	once sync.Once
	made summary
}

func (b *brief) of(content []byte) summary {
	if content == nil {
		return summarize(nil)
	}
	b.once.Do(func() { b.made = summarize(content) })
	return b.made
}

func (f Filter) takes(s summary) bool {
	text := strings.ToLower(f.Find)
	return (f.Type == "" || f.Type == s.Type) &&
		slices.ContainsFunc([]string{s.FileID, s.TaskID, s.Name}, func(part string) bool {
			return strings.Contains(strings.ToLower(part), text)
		})
}
