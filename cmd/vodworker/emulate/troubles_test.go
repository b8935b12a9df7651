package emulate

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/vodtest/front"
)

func TestTheLogSaysOncePerCauseWhyClientsCannotConnect(t *testing.T) {
	var log bytes.Buffer
	told := troubles(zerolog.New(&log))
	causes := []error{front.ErrUntrusted, front.ErrEnded, front.ErrForeign, front.ErrNoProxy, front.ErrHandshake}
	for range 3 {
		for _, cause := range causes {
			told(fmt.Errorf("%w: details", cause))
		}
	}
	for _, cause := range causes {
		if got := strings.Count(log.String(), cause.Error()+": details"); got != 1 {
			t.Errorf("it says %q %d times", cause, got)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != len(causes) {
		t.Errorf("it is %s", log.String())
	}
}

func TestTheLogNamesEachHostThatIsRefusedUpToABound(t *testing.T) {
	var log bytes.Buffer
	told := troubles(zerolog.New(&log))
	for range 2 {
		for i := range 30 {
			told(fmt.Errorf("%w: host-%d.", front.ErrForeign, i))
		}
	}
	for i := range 30 {
		want := 1
		if i >= mostTroubles {
			want = 0
		}
		if got := strings.Count(log.String(), fmt.Sprintf(": host-%d.", i)); got != want {
			t.Errorf("it names host %d %d times, want %d", i, got, want)
		}
	}
}
