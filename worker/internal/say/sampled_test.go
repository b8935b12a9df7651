package say

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// Once the clock that lines tell the time by is set back by an hour, and once forward.
func TestSampledLinesGoOnWhenTheClockIsSet(t *testing.T) {
	wall := zerolog.TimestampFunc
	defer func() { zerolog.TimestampFunc = wall }()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := Sampled(zerolog.New(&out))
		for _, set := range []time.Duration{0, -time.Hour, time.Hour} {
			zerolog.TimestampFunc = func() time.Time { return time.Now().Add(set) }
			for _, second := range []int{10, 10, 3600} {
				out.Reset()
				for range 100 * second {
					log.Info().Msg("again")
					time.Sleep(10 * time.Millisecond)
				}
				if got := bytes.Count(out.Bytes(), []byte("\n")); got != second {
					t.Errorf("clock set by %v: %d lines in %d s, want as many", set, got, second)
				}
			}
		}
	})
}
