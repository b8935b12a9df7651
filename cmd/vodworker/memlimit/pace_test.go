package memlimit

import "testing"

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
