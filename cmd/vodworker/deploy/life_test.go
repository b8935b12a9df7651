package deploy

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A life is what becomes of a process in virtual time: a worker on an emulator, whose metrics are scraped.
type life struct {
	*testing.T
	*metrics.Metrics
	emulator *vodtest.Emulator
	began    time.Time
	every    time.Duration
	receiver atomic.Pointer[callback.Receiver] // of callbacks; nil: nobody listens
	mode     string                            // as VOD tells it
	file     string                            // that a drain has left; empty: none
	box      inbox.Status                      // of its inbox; without handlers it has none

	versions int // so far: each process is another one
	scrapes  int
	asked    map[string]bool // the metrics that alerts are about
	series   map[string][]string
}

// live returns the series that are scraped while a process lives in a bubble. Times are as if the bubble began in 1970, as promtool's
// do, and the first scrape came a step after that.
func live(t *testing.T, every time.Duration, emulated vodtest.Config, act func(l *life)) map[string][]string {
	t.Helper()
	var l *life
	synctest.Test(t, func(t *testing.T) {
		l = &life{T: t, began: time.Now(), every: every, asked: map[string]bool{}, series: map[string][]string{}}
		for _, a := range alerts(t) {
			for _, s := range selectors(a.Expr) {
				l.asked[s.name] = true
			}
		}
		emulated.Push.Transport = l
		l.emulator = vodtest.New(emulated)
		act(l)
		l.emulator.Close()
	})
	return l.series
}

// A handle is what a handler does.
type handle func(context.Context, events.Event) error

// worker returns one whose metrics are scraped from now on.
func (l *life) worker(options worker.Options, do handle) *worker.Worker {
	l.Helper()
	l.versions++
	m := metrics.Options{Version: strconv.Itoa(l.versions), Commit: "c0ffee", Applications: []metrics.Application{
		{Name: "default", Handlers: []string{"archive"}, Pulled: true, Received: true},
	}}
	for _, h := range l.box.Handlers {
		m.Inbox = append(m.Inbox, h.Handler)
	}
	l.Metrics = metrics.New(m)
	var err error
	if options.Limiter, err = worker.NewLimiter(worker.DefaultRate); err != nil {
		l.Fatal(err)
	}
	options.Hooks = l.Worker()
	w, err := worker.New(metricstest.Queue{Emulator: l.emulator}, []worker.Handler{{Name: "archive", Handle: do}}, &options)
	if err != nil {
		l.Fatal(err)
	}
	return w
}

// start has a process run, with a worker and a receiver, and returns what ends it.
func (l *life) start(options worker.Options, do handle) (stop func()) {
	l.Helper()
	w := l.worker(options, do)
	receiver, err := callback.New([]worker.Handler{{Name: "archive", Handle: do}}, &callback.Options{Hooks: l.Callback()})
	if err != nil {
		l.Fatal(err)
	}
	l.mode = tencent.ModePull
	l.Begin(metrics.Process{
		Status: map[uint64]func() worker.Status{0: w.Status}, Mode: map[uint64]func() string{0: func() string { return l.mode }},
		Callback: receiver.Status, Inbox: func() inbox.Status { return l.box },
	})
	ctx, cancel := context.WithCancel(l.Context())
	ended := make(chan error, 1)
	l.receiver.Store(receiver)
	go func() { ended <- w.Run(ctx) }()
	return func() {
		cancel()
		<-ended
		l.receiver.Store(nil)
		if err := receiver.Shutdown(l.Context()); err != nil {
			l.Error(err)
		}
	}
}

// RoundTrip posts a callback to the receiver, without a network.
func (l *life) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	receiver := l.receiver.Load()
	if receiver == nil {
		return nil, errors.New("connection refused")
	}
	defer func() {
		if recover() != nil {
			answer, err = nil, io.ErrUnexpectedEOF // which is how a handler closes the connection
		}
	}()
	recorder := httptest.NewRecorder()
	receiver.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// until scrapes until then, and does something each time before.
func (l *life) until(end time.Duration, do ...func()) {
	l.Helper()
	for {
		next := time.Duration(l.scrapes+1) * l.every
		if next > end {
			return
		}
		for _, f := range do {
			f()
		}
		time.Sleep(time.Until(l.began.Add(next - l.every)))
		synctest.Wait()
		l.scrape()
	}
}

// scrape notes what there is now, and for what was there before that it is not any more.
func (l *life) scrape() {
	l.Helper()
	found, instance := map[string]float64{}, strconv.Itoa(l.versions)
	if l.Metrics != nil && l.file == "" {
		found = metricstest.Scrape(l.T, l.Handler())
	}
	if l.file != "" {
		found, instance = metricstest.Values(l.T, string(read(l.T, l.file))), "node"
	}
	l.scrapes++
	for series, value := range found {
		name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		if !l.asked[name] {
			continue
		}
		if strings.HasSuffix(name, "_timestamp_seconds") && value > 0 {
			value = math.Round((value-float64(l.began.Unix())+l.every.Seconds())*1000) / 1000
		}
		series = strings.TrimSuffix(name+`{job="v",instance="`+instance+`",`+labels, ",") + "}"
		for len(l.series[series]) < l.scrapes {
			l.series[series] = append(l.series[series], "_")
		}
		l.series[series] = append(l.series[series], strconv.FormatFloat(value, 'g', -1, 64))
	}
	for series, values := range l.series {
		if len(values) == l.scrapes {
			l.series[series] = append(values, "stale")
		}
	}
}

func done(context.Context, events.Event) error { return nil }

var kept = &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error { return nil }}

func (l *life) upload(n int) {
	for range n {
		l.emulator.Upload(0, "a.mp4")
	}
}

// drain leaves the file of one.
func (l *life) drain(do handle) {
	l.Helper()
	w, began := l.worker(worker.Options{DeadLetters: kept}, do), time.Now()
	sum, err := w.Drain(l.Context(), worker.DrainOptions{})
	ended := metrics.Drain{Success: err == nil && sum.Clean(), Took: time.Since(began)}
	switch {
	case errors.Is(err, worker.ErrFatal):
		ended.Code = 77
	case err != nil:
		ended.Code = 69
	case !sum.Clean():
		ended.Code = 4
	}
	if err := l.WriteFile(l.file, ended); err != nil {
		l.Fatal(err)
	}
}
