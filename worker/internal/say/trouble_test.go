package say

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

func TestATroubleIsLoggedWhenItBeginsChangesAndIsOver(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	kind := errors.New("fatal")
	fatal := fmt.Errorf("%w: no", kind)
	type step struct {
		after time.Duration
		err   error // nil: success
		want  string
	}
	tests := map[string][]step{
		"one that goes on":              {{0, a, "a"}, {time.Second, a, ""}, {time.Hour, a, ""}, {0, nil, "recovered"}, {0, nil, ""}},
		"one whose text changes":        {{0, a, "a"}, {time.Second, b, ""}, {quietFor, b, "b"}, {quietFor, a, "a"}},
		"one that comes and goes":       {{0, a, "a"}, {0, nil, "recovered"}, {0, a, ""}, {0, nil, ""}, {quietFor, a, "a"}, {0, nil, "recovered"}},
		"one that comes back and stays": {{0, a, "a"}, {0, nil, "recovered"}, {0, a, ""}, {quietFor, a, "a"}, {0, nil, "recovered"}},
		"one that becomes another kind": {{0, a, "a"}, {0, fatal, "no"}, {0, fatal, ""}, {0, a, "a"}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			trouble := Trouble{Log: zerolog.New(&log), What: "test", Kinds: []error{kind}}
			now := time.Unix(0, 0)
			for i, step := range steps {
				log.Reset()
				now = now.Add(step.after)
				if step.err == nil {
					trouble.Over(now)
				} else {
					trouble.Report(now, step.err)
				}
				if got := log.String(); !strings.Contains(got, step.want) || step.want == "" && got != "" {
					t.Errorf("step %d: %q, want %q", i, got, step.want)
				}
			}
		})
	}
}
