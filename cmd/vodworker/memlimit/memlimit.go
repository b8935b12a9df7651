// Package memlimit keeps a process within the memory that it may use.
package memlimit

import (
	"math"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"github.com/vodworker/vodworker/worker"
)

const (
	alone  = 0.9 // what is not Go's, and sudden growth, need the rest
	shared = 0.5 // with the programs that handlers run, which are in the container too

	// bodies is the part for the bodies of events. While one is handed over there are a copy of it without its handle, and what
	// its id is computed from; and the garbage collector needs room.
	bodies = 4
)

// Limit has the garbage collector keep to nine tenths of what the process may use, or to half of it if it runs programs:
// configured, in bytes, or if that is 0 the limit of its container. It returns how many bytes are for the bodies of events: a
// quarter of what the collector keeps to, or the worker's default where there is no limit. GOMEMLIMIT has the last word.
func Limit(configured int64, runsPrograms bool) (forBodies int) {
	return limit(configured, runsPrograms, memlimit.FromCgroup)
}

// limit sets the limit itself, since memlimit.Set takes a logger along: 100 KiB.
func limit(configured int64, runsPrograms bool, ofContainer memlimit.Provider) (forBodies int) {
	most := uint64(configured)
	if most == 0 {
		most, _ = ofContainer() // there is none, or this system has no containers
	}
	part := alone
	if runsPrograms {
		part = shared
	}
	if most > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(part * float64(most)))
	}
	kept := debug.SetMemoryLimit(-1)
	if kept == math.MaxInt64 {
		return worker.Defaults().MaxBytes
	}
	return int(kept / bodies)
}
