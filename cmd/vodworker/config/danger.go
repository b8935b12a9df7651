package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

const unmatchedDeadLetter = Unmatched(worker.UnmatchedDeadLetter)

// warnOfDangers notes what can be meant, and mostly is not.
func (c *Config) warnOfDangers() {
	c.warnOfInbox()
	if isVOD(c.VOD.Endpoint) {
		c.warnOfVOD()
	}
	c.warnOfAmounts()
	for key, place := range c.places() {
		c.warnOfShell(place, key)
		c.warnOfLogin(place, key)
	}
	if near, edits := nearestName(c.VOD.Region, regions); c.VOD.Region != "" && edits > 0 && edits <= 2 {
		c.warn("vod.region", "no region is known by this name; the nearest is %s", near)
	}
	if grace := time.Duration(c.Worker.StopGrace); grace+confirming >= killedAfter && c.source.overridden["worker.stop_grace"] == "" {
		c.warn("worker.stop_grace", "Kubernetes kills a pod after %v by default, and confirming gets %v more; "+
			"write 20s, or give the pod a terminationGracePeriodSeconds above %.0f",
			brief(killedAfter), brief(confirming), (grace + confirming).Seconds())
	}
	for i, h := range c.Handlers {
		c.warnOfWhere(h, fmt.Sprintf("handlers[%d].where", i))
		for j, pattern := range h.Events {
			if !pattern.matchesKnown() {
				near := nearest.Of(globs.Replace(string(pattern)), events.Types())
				c.warn(fmt.Sprintf("handlers[%d].events[%d]", i, j),
					"no event type that this program knows matches; the nearest is %s", near)
			}
		}
	}
}

const (
	killedAfter = 30 * time.Second // by Kubernetes
	confirming  = 5 * time.Second  // of a worker that stops, behind stop_grace
)

// warnOfAmounts is for durations and sizes that are taken, and rarely do good.
func (c *Config) warnOfAmounts() {
	warnIf := func(is bool, key, text string) {
		if is {
			c.warn(key, "%s", text)
		}
	}
	memory, after := c.Worker.Memory, c.DeadLetters.After
	warnIf(c.Worker.StopGrace < second, "worker.stop_grace",
		"handlers are cut off at once when the worker stops, and their events come again; write 20s")
	warnIf(c.Confirm.Linger > 5*second, "confirm.linger",
		"events wait this long though they are handled, and come again if the worker is killed; write 100ms")
	warnIf(memory > 0 && memory < 32<<20, "worker.memory", "the process alone needs about this much; write 32MiB or more")
	warnIf(memory > 1<<40, "worker.memory", "hardly a machine has so much; write what the process may use, such as 256MiB")
	warnIf((c.DeadLetters.On() || c.Inbox.On()) && after > 0 && after < 3600*second, "dead_letters.after",
		"an outage of a handler that lasts longer gives up all events of that time; write 72h")
	for i, h := range c.Handlers {
		warnIf(h.Timeout > 0 && h.Timeout < second/100, fmt.Sprintf("handlers[%d].timeout", i),
			"hardly a try ends so soon, so each fails; write 1s or more")
		warnIf(h.Broker() != nil && h.Timeout >= second/100 && h.Timeout < second, fmt.Sprintf("handlers[%d].timeout", i),
			"a broker that gives no answer is not told from an event at fault in so short a time; write 1s or more")
	}
}

const second = Duration(time.Second)

// warnOfShell finds what only a shell understands among the arguments of a program.
func (c *Config) warnOfShell(place Place, key string) {
	if place.Exec == nil || shells.MatchString(place.Exec.Command[0]) && slices.ContainsFunc(place.Exec.Command, script.MatchString) {
		return
	}
	for i, argument := range place.Exec.Command[1:] {
		if found := shellWord.FindStringSubmatch(argument); found != nil {
			c.warn(fmt.Sprintf("%s.exec.command[%d]", key, i+1),
				`there is no shell, so the program gets %s as an argument; write [sh, -c, "…"]`, found[1])
			return
		}
	}
}

var (
	shells    = regexp.MustCompile(`^(.*/)?(ba|da|z|k|a)?sh$`)
	script    = regexp.MustCompile(`^-[a-z]*c$`)
	shellWord = regexp.MustCompile(`^(&&?$|\|\|?$|;$|[0-9]?>&[0-9]$|<|[0-9&]?>>?)[\w./-]*$`)
)

// warnOfVOD is for the queues of VOD itself, not of an emulator.
func (c *Config) warnOfVOD() {
	if c.VOD.Window < vodWindow {
		c.warn("vod.window", "VOD waits for %v, so handlers get less time than there is; take the key out", vodWindow)
	}
	if margin := c.Confirm.Margin; margin > 0 && margin < second {
		c.warn("confirm.margin", "confirmations may come too late, and all those events again; write 0s for a sixth of the window")
	}
	if c.VOD.Rate > quota {
		c.warn("vod.rate", "the quota of an account is %d calls a second unless VOD has raised it; write 99", quota)
	}
	if strings.HasPrefix(strings.ToLower(c.VOD.Endpoint), "http:") {
		c.warn("vod.endpoint", "whoever is between here and VOD can read the events; write https://")
	}
}

// quota is how many calls of an action VOD takes in a second.
const quota = 100

// globs takes out of a glob what stands for other characters.
var globs = strings.NewReplacer("*", "", "?", "", "[", "", "]", "")
