package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

const unmatchedDeadLetter = Unmatched(worker.UnmatchedDeadLetter)

// warnOfDangers notes what can be meant, and mostly is not.
func (c *Config) warnOfDangers() {
	if isVOD(c.VOD.Endpoint) {
		c.warnOfVOD()
	}
	if near, edits := nearestName(c.VOD.Region, regions); c.VOD.Region != "" && edits > 0 && edits <= 2 {
		c.warn("vod.region", "no region is known by this name; the nearest is %s", near)
	}
	if grace := time.Duration(c.Worker.StopGrace); grace+confirming >= killedAfter {
		c.warn("worker.stop_grace", "Kubernetes kills a pod after %v by default, and confirming gets %v more; "+
			"write 20s, or give the pod a terminationGracePeriodSeconds above %.0f",
			brief(killedAfter), brief(confirming), (grace + confirming).Seconds())
	}
	for i, h := range c.Handlers {
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

// warnOfVOD is for the queues of VOD itself, not of an emulator.
func (c *Config) warnOfVOD() {
	if c.VOD.Window < vodWindow {
		c.warn("vod.window", "VOD waits for %v, so handlers get less time than there is; take the key out", vodWindow)
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
