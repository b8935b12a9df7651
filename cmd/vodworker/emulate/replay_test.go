package emulate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func recordingOf(t *testing.T, text string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "record.jsonl")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// line is one of a recording, at a second.
func line(second int, subAppID uint64, event string) string {
	return fmt.Sprintf(`{"Time":"2026-01-02T03:04:%02d.5Z","SubAppId":%d,"Event":%s}`+"\n", second, subAppID, event)
}

func TestAReplayKeepsTheDistancesOfTheEventsByItsSpeed(t *testing.T) {
	// The third one goes back in time, and the last one was cut.
	name := recordingOf(t, line(10, 0, `{"N":1}`)+line(15, 7, `{"N":2}`)+line(12, 7, `{"N":3}`)+"\n"+line(20, 0, `{"N":4}`)+
		`{"Time":"2026-01-02T03:04:2`)
	for speed, want := range map[float64][]string{
		1:   {`0s 0 {"N":1}`, `5s 7 {"N":2}`, `5s 7 {"N":3}`, `10s 0 {"N":4}`},
		10:  {`0s 0 {"N":1}`, `500ms 7 {"N":2}`, `500ms 7 {"N":3}`, `1s 0 {"N":4}`},
		0.5: {`0s 0 {"N":1}`, `10s 7 {"N":2}`, `10s 7 {"N":3}`, `20s 0 {"N":4}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			r, err := (&Options{replayed: name, speed: speed}).newReplay(zerolog.New(&log))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(log.String(), "its last line is cut, and is passed over") {
				t.Errorf("the log is %s", log.String())
			}
			var got []string
			start := time.Now()
			r.run(t.Context(), vodtest.New(vodtest.Config{Record: func(s vodtest.Sent) {
				got = append(got, fmt.Sprint(s.Time.Sub(start), " ", s.SubAppID, " ", string(s.Event)))
			}}))
			if !slices.Equal(got, want) || !strings.Contains(log.String(), `"events":4,"message":"the replay is over"`) {
				t.Errorf("with the speed %v sent are %q, want %q; the log is %s", speed, got, want, log.String())
			}
		})
	}
}

func TestAReplayEndsWithTheCommand(t *testing.T) {
	name := recordingOf(t, line(10, 0, `{"N":1}`)+line(50, 0, `{"N":2}`))
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r, err := (&Options{replayed: name, speed: 1e-300}).newReplay(zerolog.New(&log)) // it would take for ever
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan bool)
		start := time.Now()
		go func() {
			r.run(ctx, vodtest.New(vodtest.Config{}))
			close(ended)
		}()
		time.Sleep(time.Hour)
		cancel()
		<-ended
		if got := time.Since(start); got != time.Hour ||
			!strings.Contains(log.String(), `"events":1,"message":"the replay was ended"`) {
			t.Errorf("it ended after %v, and the log is %s", got, log.String())
		}
	})
}

func TestWhatIsNoRecordingIsRefusedWithItsLineBeforeAnythingIsSent(t *testing.T) {
	good := line(10, 0, `{}`)
	for _, test := range []struct{ text, want string }{
		{good + "{]\n", "record.jsonl:2: want a line as --record writes it"},
		{good + "\n" + line(11, 0, `[]`), "record.jsonl:3: want a line"},
		{`{"EventType":"NewFileUpload"}` + "\n", `record.jsonl:1: want a line as --record writes it, {"Time"`},
		{`{"SubAppId":0,"Event":{}}` + "\n", "record.jsonl:1: want a line"},
		{line(10, 0, `{}`)[:50] + "\n", "record.jsonl:1: want a line"},
		{strings.TrimSpace(good) + good, "record.jsonl:1: want a line"},
		{good + strings.Repeat(" ", longestLine) + "\n", "record.jsonl:2: the line is longer than 16 MB"},
	} {
		_, err := parsed(t, "--listen", "127.0.0.1:0", "--replay", recordingOf(t, test.text)).Start(zerolog.Nop(), io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), "--replay: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.100s is answered %v, want %s", test.text, err, test.want)
		}
	}
	for name, want := range map[string]string{
		t.TempDir(): "it must be a file", filepath.Join(t.TempDir(), "none.jsonl"): "no such file",
	} {
		_, err := parsed(t, "--listen", "127.0.0.1:0", "--replay", name).Start(zerolog.Nop(), io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is answered %v, want %s", name, err, want)
		}
	}
}

// An event may have 10 MB, and a line of a text has 64 KB where nobody says otherwise.
func TestALongEventIsReplayed(t *testing.T) {
	long := `{"A":"` + strings.Repeat("x", 10<<20) + `"}`
	r := &recording{name: recordingOf(t, line(10, 0, long))}
	for sent, err := range r.events() {
		if err != nil || string(sent.Event) != long {
			t.Errorf("the event has %d bytes, %v", len(sent.Event), err)
		}
	}
}

func TestASpeedIsMoreThanNothing(t *testing.T) {
	for _, speed := range []string{"0", "-1", "NaN", "Inf"} {
		args := []string{"--listen", "127.0.0.1:0", "--replay", recordingOf(t, ""), "--speed=" + speed}
		_, err := parsed(t, args...).Start(zerolog.Nop(), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "it must be more than 0") {
			t.Errorf("%s is answered %v", speed, err)
		}
	}
}

func TestAReplayBeginsWithoutOtherEventsUnlessTheyAreAskedFor(t *testing.T) {
	name := recordingOf(t, line(10, 0, `{}`))
	for want, args := range map[int][]string{0: {"--replay", name}, 3: {"--replay", name, "--events", "3"}, 2: nil} {
		if got := parsed(t, args...).Events; got != want {
			t.Errorf("with %q it begins with %d events, want %d", args, got, want)
		}
	}
}

func TestWhatWasRecordedCanBeReplayedAndRecordedAgain(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	started(t, "--record", first, "--events", "5")
	again := started(t, "--replay", first, "--record", second, "--speed", "1000000")
	again.replay.run(t.Context(), again.emulator)
	var events [2][]string
	for i, name := range []string{first, second} {
		for sent, err := range (&recording{name: name}).events() {
			if err != nil {
				t.Error(err)
			}
			events[i] = append(events[i], string(sent.Event))
		}
	}
	if len(events[0]) != 5 || !slices.Equal(events[0], events[1]) {
		t.Errorf("first there were %q, then %q", events[0], events[1])
	}
}

func TestAReplaySaysWhyItEndsBeforeTheRecordingDoes(t *testing.T) {
	for _, test := range []struct{ then, want string }{
		{line(10, 0, `{}`) + "{]\n", `"events":1,"message":"the replay has ended: the file has changed since it was checked"`},
		{"", `"events":0,"message":"the replay is over"`},
	} {
		var log bytes.Buffer
		name := recordingOf(t, line(10, 0, `{}`))
		r, err := (&Options{replayed: name, speed: 1}).newReplay(zerolog.New(&log))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(test.then), 0o600); err != nil {
			t.Fatal(err)
		}
		r.run(t.Context(), vodtest.New(vodtest.Config{}))
		if !strings.Contains(log.String(), test.want) {
			t.Errorf("with %q the log is %s", test.then, log.String())
		}
	}
}
