// Package memlimit keeps a process within the memory that it may use.
package memlimit

import (
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/worker"
)

// share is the part of the memory that is for the bodies of events: a quarter. While one is handed over there are a copy of it
// without its handle, and what its id is computed from; and the garbage collector needs room.
const share = 4

// Limit has the garbage collector keep to what the process may use: to configured, in bytes, or if that is 0 to the limit of its
// container. It returns how many bytes are for the bodies of events: a quarter, or the worker's default where there is no
// limit. GOMEMLIMIT has the last word on the collector.
func Limit(configured int64) (bodies int) {
	limit := configured
	if limit == 0 {
		groups, _ := os.ReadFile("/proc/self/cgroup") // on another system there are none
		limit = containerLimit(string(groups), os.ReadFile)
	}
	if limit == 0 {
		return worker.Defaults().MaxBytes
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 5 * 4) // what is not Go's, and sudden growth, need the rest
	}
	return int(limit / share)
}

// containerLimit returns the smallest limit of the control groups that the process is in, of version 2 or 1; 0 if there is none.
// In a container their paths may be those of the host; the container's own is at the root then.
func containerLimit(groups string, readFile func(string) ([]byte, error)) int64 {
	least := int64(math.MaxInt64)
	for line := range strings.Lines(groups) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		root, name := "/sys/fs/cgroup", "memory.max"
		switch {
		case controllers == "memory":
			root, name = root+"/memory", "memory.limit_in_bytes"
		case id != "0":
			continue
		}
		for group = path.Clean("/" + group); ; group = path.Dir(group) {
			text, _ := readFile(path.Join(root, group, name))
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
				least = min(least, n)
			}
			if group == "/" {
				break
			}
		}
	}
	if least > 1<<50 { // version 1 writes a huge number for none
		return 0
	}
	return least
}
