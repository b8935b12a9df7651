package memlimit

import (
	"context"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	usual    = 100     // percent of what is in use that the collector lets garbage grow to: Go's default
	leastGC  = 25      // the collector would never rest
	paceStep = 10      // what changes less is left
	paceFrom = 2 << 20 // bytes; what is less makes no difference
)

// Pace has the garbage collector make no room for garbage because of bytes that are held for long, as told once a second until
// it is closed: it would be as much again. A GOGC that is set is left alone.
func Pace(held func() int) io.Closer {
	ctx, cancel := context.WithCancel(context.Background())
	p := &pacer{stop: cancel}
	if os.Getenv("GOGC") == "" {
		p.ended.Go(func() { run(ctx, held) })
	}
	return p
}

type pacer struct {
	stop  context.CancelFunc
	ended sync.WaitGroup
}

func (p *pacer) Close() error {
	p.stop()
	p.ended.Wait()
	return nil
}

func run(ctx context.Context, held func() int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer debug.SetGCPercent(usual)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for set := usual; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(live)
		if percent := pace(live[0].Value.Uint64(), held()); percent-set >= paceStep || set-percent >= paceStep {
			set = percent
			debug.SetGCPercent(set)
		}
	}
}

// pace returns the percentage at which garbage has as much room as if nothing were held.
func pace(live uint64, held int) int {
	if held < paceFrom || live == 0 {
		return usual
	}
	return max(leastGC, usual-int(usual*uint64(held)/live))
}
