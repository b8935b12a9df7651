package say

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

func TestATroubleIsLoggedWhenItBeginsChangesAndIsOver(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	kind, routine := errors.New("fatal"), errors.New("routine")
	fatal := fmt.Errorf("%w: no", kind)
	type step struct {
		after time.Duration
		err   error // nil: success
		want  string
	}
	tests := map[string][]step{
		"one that goes on":              {{0, a, "a"}, {time.Second, a, ""}, {reminder - time.Second, a, "a"}, {time.Second, a, ""}, {0, nil, "recovered"}, {0, nil, ""}},
		"one whose text changes":        {{0, a, "a"}, {time.Second, b, ""}, {quietFor, b, "b"}, {quietFor, a, "a"}},
		"one that comes and goes":       {{0, a, "a"}, {0, nil, "recovered"}, {0, a, ""}, {0, nil, ""}, {quietFor, a, "a"}, {0, nil, "recovered"}},
		"one that comes back and stays": {{0, a, "a"}, {0, nil, "recovered"}, {0, a, ""}, {quietFor, a, "a"}, {0, nil, "recovered"}},
		"one that is routine":           {{0, routine, ""}, {routineFor - 1, routine, ""}, {0, nil, ""}, {0, routine, ""}, {routineFor, routine, "routine"}, {0, nil, "recovered"}},
		"one that becomes another kind": {{0, a, "a"}, {0, fatal, "no"}, {0, fatal, ""}, {0, a, "a"}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			trouble := Trouble{Log: zerolog.New(&log), What: "test", Kinds: []error{kind}, Routine: routine}
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

func TestNoLineSpeaksOfRoutineFailuresLongAgo(t *testing.T) {
	routine := errors.New("routine")
	var log bytes.Buffer
	trouble := Trouble{Log: zerolog.New(&log), What: "test", Routine: routine}
	now := time.Unix(0, 0)
	for range 100 {
		now = now.Add(time.Minute)
		trouble.Report(now, routine)
		trouble.Over(now.Add(time.Second))
	}
	trouble.Report(now.Add(time.Minute), errors.New("another"))
	if !strings.Contains(log.String(), `"failures":1,"since_last_line":1,`) {
		t.Error(log.String())
	}
}

// Pauses between failures are 1 s at first and 35 s at most, and failures come in hundreds when calls are refused at once.
func TestAnOutageIsSaidInEveryMinuteOfIt(t *testing.T) {
	for _, pause := range []time.Duration{100 * time.Millisecond, time.Second, 30 * time.Second, 35 * time.Second} {
		var log bytes.Buffer
		trouble := Trouble{Log: zerolog.New(&log), What: "test"}
		begin := time.Unix(0, 0)
		failures, now := 0, begin
		for ; now.Sub(begin) < time.Hour; now = now.Add(pause) {
			trouble.Report(now, errors.New("refused"))
			failures++
		}
		trouble.Over(now)
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if n := len(lines) - 1; n < 59 || n > 61 {
			t.Errorf("every %v: %d lines in an hour", pause, n)
		}
		said := 0
		for i, line := range lines {
			var got struct {
				Failures int
				Since    int `json:"since_last_line"`
				For      string
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatal(err)
			}
			if said += got.Since; said != got.Failures || i == 0 && got.For != "0s" {
				t.Errorf("every %v: the lines so far stand for %d failures: %s", pause, said, line)
			}
		}
		if said != failures || !strings.Contains(lines[len(lines)-1], "recovered") {
			t.Errorf("every %v: the lines stand for %d failures of %d, the last is %s", pause, said, failures, lines[len(lines)-1])
		}
	}
}

// It fails each second, and succeeds half a second later.
func TestATroubleThatFlapsIsSaidTwiceAMinute(t *testing.T) {
	var log bytes.Buffer
	trouble := Trouble{Log: zerolog.New(&log), What: "test"}
	now := time.Unix(0, 0)
	for range 600 {
		trouble.Report(now, errors.New("reset"))
		trouble.Over(now.Add(time.Second / 2))
		now = now.Add(time.Second)
	}
	if got := strings.Count(log.String(), "failed"); got != 20 || strings.Count(log.String(), `"failures":1,"since_last_line":30`) != 19 {
		t.Errorf("%d lines, want 20 of which each but the first stands for 30 failures:\n%s", got, &log)
	}
}

type call struct{ text, request string }

func (c call) Error() string   { return c.text }
func (c call) Request() string { return c.request }

func TestAFailureHasTheRequestIDOfItsCallAndIsTheSameWithAnother(t *testing.T) {
	var log bytes.Buffer
	trouble := Trouble{Log: zerolog.New(&log), What: "test", Passing: true}
	for i := range 20 {
		trouble.Report(time.Unix(0, 0).Add(time.Duration(i)*time.Second), fmt.Errorf("pull: %w", call{"no", fmt.Sprint("8e1f-", i)}))
	}
	trouble.Over(time.Unix(20, 0))
	want := `{"level":"info","error":"pull: no","request_id":"8e1f-0","failures":1,"since_last_line":1,"for":"0s",` +
		`"message":"test failed, trying again"}
{"level":"info","failures":20,"since_last_line":19,"after":"20s","message":"test recovered"}
`
	if log.String() != want {
		t.Errorf("%s, want %s", &log, want)
	}
	log.Reset()
	logger := zerolog.New(&log)
	Failure(logger.Warn(), errors.New("no call")).Send()
	Failure(logger.Warn(), call{"no answer", ""}).Send()
	if strings.Contains(log.String(), "request_id") {
		t.Errorf("without a RequestId: %s", &log)
	}
}
