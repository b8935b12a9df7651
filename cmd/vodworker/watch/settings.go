package watch

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// Expected is what a configuration expects of an application's settings.
type Expected struct {
	SubAppID uint64
	Name     string           // as people are told of it
	Only     bool             // no other application is configured: commands find the default one without --sub-app-id
	Handlers []worker.Handler // all of them, also those that want nothing of this application
	Receives string           // where run receives callbacks of this application; empty: nowhere
	Flags    []string         // those with which a command finds this configuration; none: it does by itself
}

// A Finding is one setting as it is.
type Finding struct {
	Setting string // mode, upload, delete or persistence
	Found   string // for people
	Mend    string // the command that mends it; empty if nothing is wrong
	Unsure  bool   // whether it has to be mended, the settings do not tell
}

// Judge returns what is found: the mode first, then each switch. A switch is wrong if it is off and any handler wants what it
// holds back. It tells nothing of the switches if the handlers contradict each other.
func (e Expected) Judge(s tencent.Settings) []Finding {
	found := []Finding{e.mode(s)}
	router, err := worker.NewRouter(e.Handlers)
	if err != nil {
		return found
	}
	for _, of := range switches {
		f := Finding{Setting: of.name}
		wanting, _ := router.MatchType(e.SubAppID, of.of)
		switch {
		case of.on(s):
			f.Found = fmt.Sprintf("ON: %s is sent", of.of)
		case len(wanting) == 0:
			f.Found = fmt.Sprintf("OFF: %s is not sent, and no handler wants it", of.of)
		default:
			f.Found = fmt.Sprintf("OFF: %s is not sent, though handler %q wants it", of.of, wanting[0])
			f.Mend = e.command(of.flag())
		}
		found = append(found, f)
	}
	return found
}

// mode returns what is found of the mode. Its command mends the switches too.
func (e Expected) mode(s tencent.Settings) Finding {
	f := Finding{Setting: "mode"}
	flag := "--mode PULL"
	switch receives := e.Receives != ""; {
	case s.Mode == tencent.ModePull:
		f.Found = s.Mode + ": events are queued"
		return f
	case s.NotificationURL == "":
		f.Found = s.Mode + ", and there is no callback URL: events are lost"
		if receives {
			flag = "--url URL"
		}
	case receives:
		f.Found = fmt.Sprintf("%s: events are posted to %s, and run receives at %s; none comes unless the one leads to the other. "+
			"A queue is surer", s.Mode, Host(s.NotificationURL), e.Receives)
		f.Unsure = true
	default:
		f.Found = fmt.Sprintf("%s: events are posted to %s and none comes here", s.Mode, Host(s.NotificationURL))
	}
	f.Mend = e.command(append([]string{flag}, flags(e.lacks(s))...)...)
	return f
}

// Trouble returns a sentence if the mode surely keeps every event away: what is wrong, and the command that mends it. Else it is empty.
func (e Expected) Trouble(s tencent.Settings) string {
	mode := e.mode(s)
	if mode.Mend == "" || mode.Unsure {
		return ""
	}
	return fmt.Sprintf("application %s is in the mode %s: %s", e.Name, mode.Found, mode.Mend)
}

// unheard returns such a sentence for callbacks that should have come by now. It is empty where none is waited for.
func (e Expected) unheard(s tencent.Settings) string {
	mode := e.mode(s)
	if !mode.Unsure {
		return ""
	}
	return fmt.Sprintf("application %s is in the mode %s: events are posted to %s, and none has come to %s yet; let the one lead to "+
		"the other, or use the queue: %s", e.Name, s.Mode, Host(s.NotificationURL), e.Receives, mode.Mend)
}

// unsent returns a sentence if switches hold back what handlers clearly want, as lacks says. Else it is empty.
func (e Expected) unsent(s tencent.Settings) string {
	lacks := e.lacks(s)
	if len(lacks) == 0 {
		return ""
	}
	types := make([]string, len(lacks))
	for i, of := range lacks {
		types[i] = string(of.of)
	}
	return fmt.Sprintf("application %s sends no %s, though handlers want them: %s",
		e.Name, strings.Join(types, " and no "), e.command(flags(lacks)...))
}

// An eventSwitch is one setting that holds events of one type back.
type eventSwitch struct {
	name string
	of   events.Type
	on   func(tencent.Settings) bool
	rare bool // who wants all events need not mean these
}

var switches = []eventSwitch{
	{"upload", events.NewFileUpload, func(s tencent.Settings) bool { return s.Upload }, false},
	{"delete", events.FileDeleted, func(s tencent.Settings) bool { return s.Deletion }, true},
	{"persistence", events.PersistenceComplete, func(s tencent.Settings) bool { return s.Persistence }, true},
}

func (of eventSwitch) flag() string { return "--" + of.name + " on" }

func flags(of []eventSwitch) []string {
	flags := make([]string, len(of))
	for i, one := range of {
		flags[i] = one.flag()
	}
	return flags
}

// lacks returns the switches that are off though a handler clearly wants what they hold back: uploads in any way, the others by
// a name or by a glob that says more than all.
func (e Expected) lacks(s tencent.Settings) (lacks []eventSwitch) {
	var choosy []worker.Handler
	for _, h := range e.Handlers {
		if !wantsAll(h) {
			choosy = append(choosy, h)
		}
	}
	for _, of := range switches {
		handlers := e.Handlers
		if of.rare {
			handlers = choosy
		}
		router, err := worker.NewRouter(handlers)
		if err != nil || of.on(s) {
			continue
		}
		if wanting, _ := router.MatchType(e.SubAppID, of.of); len(wanting) > 0 {
			lacks = append(lacks, of)
		}
	}
	return lacks
}

func wantsAll(h worker.Handler) bool { return len(h.Types) == 0 || slices.Contains(h.Types, "*") }

// command is the one that changes settings of this application so.
func (e Expected) command(flags ...string) string {
	set := "vodworker settings set "
	if e.SubAppID != 0 || !e.Only {
		set += fmt.Sprintf("--sub-app-id %d ", e.SubAppID)
	}
	return set + strings.Join(append(flags, e.Flags...), " ")
}

// Host is the part of a URL that is no secret: the path of a callback URL may be what keeps strangers out.
func Host(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a URL without a host"
	}
	return u.Scheme + "://" + u.Host
}
