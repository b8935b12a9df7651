package say

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
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

func TestALineAfterManySaysHowManyWereLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := Sampled(zerolog.New(&out).Level(zerolog.InfoLevel))
		for range 3 {
			for range 25 {
				log.Warn().Msg("again")
				log.Debug().Msg("no line at this level, and none left out")
			}
			time.Sleep(time.Hour) // however late
		}
		log.Warn().Msg("the last")
		if got := strings.Count(out.String(), `"left_out":15`); got != 3 || strings.Count(out.String(), "left_out") != 3 {
			t.Errorf("%d lines that say what was left out, want 3:\n%s", got, &out)
		}
		if !strings.Contains(out.String(), `"left_out":15,"message":"the last"`) {
			t.Errorf("the last line does not say it:\n%s", &out)
		}
	})
}

func TestALineThatIsLeftOutCostsNoKey(t *testing.T) {
	e, err := events.Decode([]byte(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5"}}`))
	if err != nil {
		t.Fatal(err)
	}
	sampled := Sampled(zerolog.New(io.Discard))
	for range sampleLines {
		About(sampled.Warn(), e).Msg("a line")
	}
	silent := zerolog.New(io.Discard).Level(zerolog.InfoLevel)
	if got := testing.AllocsPerRun(100, func() {
		About(sampled.Warn(), e).Msg("left out")
		About(silent.Debug(), e).Msg("of a level that is off")
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
