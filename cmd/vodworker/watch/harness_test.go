package watch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// A stage is one application, the API that tells its settings, and the log.
type stage struct {
	mu       sync.Mutex
	settings tencent.Settings
	err      error
	slow     time.Duration // of each answer
	asked    int
	stopped  bool // by a signal, before anything is asked
	status   worker.Status
	received bool // a callback
	log      bytes.Buffer

	app    watch.Application
	behind []watch.Behind
	start  watch.Start
}

// pulling is how everything is well.
var pulling = tencent.Settings{Mode: tencent.ModePull, Upload: true}

func newStage(settings tencent.Settings) *stage {
	s := &stage{settings: settings}
	s.app = watch.Application{
		Expected: watch.Expected{Name: "default", Only: true, Handlers: []worker.Handler{wants("all")}},
		Log:      zerolog.New(s).Level(zerolog.DebugLevel),
		Status:   func() worker.Status { return read(s, func() worker.Status { return s.status }) },
		Received: func() bool { return read(s, func() bool { return s.received }) },
		Settings: s.answer,
	}
	s.start = watch.Start{
		Version: "v1", Endpoint: "https://u:hunter2@vod.example.com/?k=hunter2", Handlers: []string{"all: stdout"}, Concurrency: 64,
		KeyFrom: func(context.Context) string { return "TENCENTCLOUD_SECRET_ID" },
	}
	return s
}

func wants(name string, types ...string) worker.Handler {
	return worker.Handler{Name: name, Types: types, Handle: func(context.Context, events.Event) error { return nil }}
}

func (s *stage) answer(ctx context.Context) (tencent.Settings, error) {
	select {
	case <-time.After(read(s, func() time.Duration { s.asked++; return s.slow })):
	case <-ctx.Done():
		return tencent.Settings{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings, s.err
}

// Write takes a line of the log.
func (s *stage) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
}

// read returns what get finds while nothing changes.
func read[T any](s *stage, get func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return get()
}

// change is what happens meanwhile.
func (s *stage) change(how func(*stage)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(s)
}

// play has the watch go on while act waits for what it wants to see.
func (s *stage) play(t *testing.T, act func()) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		w := watch.Watch{Log: s.app.Log, Start: s.start, Applications: []watch.Application{s.app}, Behind: s.behind}
		watching.Go(func() { w.Run(ctx) })
		synctest.Wait()
		act()
		cancel()
		watching.Wait()
	})
}

// pass lets time pass.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A line is one of the log.
type line map[string]any

// said returns the lines since the last call, without those of debugging.
func (s *stage) said(t *testing.T) (said []line) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for text := range strings.Lines(s.log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if l["level"] != "debug" {
			said = append(said, l)
		}
	}
	s.log.Reset()
	return said
}

// wantSaid fails unless the lines since the last call are these, as LEVEL MESSAGE.
func (s *stage) wantSaid(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, l := range s.said(t) {
		got = append(got, l["level"].(string)+" "+l["message"].(string))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// wantAsked fails unless the settings were asked for so often by now.
func (s *stage) wantAsked(t *testing.T, want int) {
	t.Helper()
	if got := read(s, func() int { return s.asked }); got != want {
		t.Errorf("the settings were asked for %d times by now, want %d", got, want)
	}
}
