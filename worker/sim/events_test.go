package sim_test

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/vodworker/vodworker/events"
)

// An event is known by its number, which is in its content. Copies of an event that Repeats are alike.
type event struct {
	kind    events.Type
	content []byte
	copies  int
	repeats bool
	temper  temper
	wanted  []bool // by handler
}

// A temper is how an event fares with its handlers until the chaos is over.
type temper int

const (
	calm  temper = iota // they succeed
	flaky               // some of their runs go wrong
	bad                 // all do
)

func (e *event) wants() (n int) {
	for _, wanted := range e.wanted {
		if wanted {
			n++
		}
	}
	return n
}

// forms are what an event may look like: the type as JSON, and the payload.
var forms = []struct{ kind, payload string }{
	{`"NewFileUpload"`, `{"FileId":"%d"}`},
	{`"NewFileUpload"`, `{"FileId":"%d","Name":"\u0000<&>","Size":12345678901234567890}`},
	{`"ProcedureStateChanged"`, `{"TaskId":"t%d","Status":"FINISH"}`},
	{`"SplitMediaComplete"`, `{"TaskId":"t%d"}`},
	{`"RestoreMediaComplete"`, `{"FileId":"%d"}`}, // repeats
	{`"FileDeleted"`, `{"FileIdSet":["%d"]}`},     // repeats
	{`"SceneAigcImageCompleteEvent"`, `{"TaskId":"t%d"}`},
	{`"NotYetInvented"`, `{"TaskId":"t%d"}`},
	{`"NotYetInvented"`, `{"Id":%d}`}, // repeats
	{`7`, `{"TaskId":"t%d"}`},         // no readable type
	{`null`, `"%d"`},
}

func (p *plan) planEvents() {
	d := p.dice.of("events")
	n := pick(d.of("number"), 1, 4, 20, 60, 150, 300)
	arrival := pick(d.of("arrival"), "at once", "bursts", "steady", "steady")
	for i := range n {
		e := d.of("event", i)
		form := forms[e.of("form").n(len(forms))]
		content := fmt.Appendf(nil, `{"EventType":%s,"Sim":%d,"Payload":%s}`, form.kind, i, fmt.Sprintf(form.payload, i))
		decoded := events.Split(slices.Concat([]byte("["), content, []byte("]")))[0]
		event := event{
			kind:    decoded.Type,
			content: content,
			copies:  1,
			repeats: decoded.Repeats(),
			temper:  pick(e.of("temper"), calm, calm, calm, flaky, flaky, bad),
		}
		if event.repeats {
			event.copies += e.of("copies").n(3)
		}
		for _, h := range p.handlers {
			event.wanted = append(event.wanted, wants(h.types, event.kind))
		}
		p.events = append(p.events, event)
		for j := range event.copies {
			at := p.arrival(arrival, i, n, e.of("arrival", j))
			p.steps = append(p.steps, step{at, func(w *world) { w.send(content) }})
		}
	}
}

func (p *plan) arrival(how string, i, n int, d dice) time.Duration {
	switch how {
	case "at once":
		return 0
	case "bursts":
		return p.chaos / 4 * time.Duration(d.n(4))
	default:
		return p.chaos*time.Duration(i)/time.Duration(n) + d.between(0, 2*time.Second)
	}
}

// wants is the documented matching, written once more.
func wants(globs []string, t events.Type) bool {
	if len(globs) == 0 || slices.Contains(globs, "*") {
		return true
	}
	return t != "" && slices.ContainsFunc(globs, func(glob string) bool {
		plain, _ := path.Match(glob, string(t))
		alias, _ := path.Match(glob, string(t.Alias()))
		return plain || alias && t.Alias() != ""
	})
}

// numberOf returns the number of an event that was delivered.

func numberOf(e events.Event) int {
	_, after, _ := bytes.Cut(e.Raw, []byte(`"Sim":`))
	digits, _, _ := bytes.Cut(after, []byte(","))
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		panic(fmt.Sprintf("the worker made up an event: %s", e.Raw))
	}
	return n
}
