//go:build unix

package redis_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/sink/redis"
)

// Of 128 at once, as many as a handler has in flight. CPU is that of this process: the server has its own.
func BenchmarkEventsAtOnce(b *testing.B) {
	for _, fsync := range []string{"always", "everysec"} {
		b.Run(fsync, func(b *testing.B) {
			s := serve(b, "--appendfsync", fsync)
			to := closing(b, redis.Options{URL: s.url()})
			e := event(uploadJSON)
			atOnce(b, func() error { return to.Handle(b.Context(), e) })
		})
	}
}

func atOnce(b *testing.B, handle func() error) {
	if err := handle(); err != nil {
		b.Fatal(err)
	}
	work := make(chan struct{})
	var all sync.WaitGroup
	for range 128 {
		all.Go(func() {
			for range work {
				if err := handle(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	cpu, began := used(), time.Now()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	all.Wait()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "events/s")
	b.ReportMetric(float64((used()-cpu).Microseconds())/float64(b.N), "cpu-µs/event")
}

// used returns what this process has used of processors.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(fmt.Sprint("getrusage: ", err))
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
