package memlimit

import (
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsHeldMakesNoRoomForGarbage(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct{ live, held, percent int }{
		{0, 8, 100}, {5, 0, 100}, {5, 1, 100}, {10, 5, 50}, {14, 8, 43}, {8, 8, 25}, {4, 8, 25},
	} {
		if percent := pace(uint64(test.live*mib), test.held*mib); percent != test.percent {
			t.Errorf("%d MiB in use, %d of which are held, have the collector at %d, want %d", test.live, test.held, percent, test.percent)
		}
	}
}

func TestTheCollectorIsPacedUntilTheEnd(t *testing.T) {
	before := debug.SetGCPercent(usual)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	without(t, "GOGC")
	runtime.GC() // so that it is known what is in use
	synctest.Test(t, func(t *testing.T) {
		paced := Pace(func() int { return 1 << 30 })
		time.Sleep(time.Second)
		synctest.Wait()
		if percent := debug.SetGCPercent(leastGC); percent != leastGC {
			t.Errorf("the collector is at %d, want %d", percent, leastGC)
		}
		if err := paced.Close(); err != nil {
			t.Error(err)
		}
		if percent := debug.SetGCPercent(usual); percent != usual {
			t.Errorf("it stays at %d, want %d", percent, usual)
		}
	})
}
