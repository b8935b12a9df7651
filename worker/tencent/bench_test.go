package tencent_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

// What is measured is this process, so what it talks to is another: the test binary, started with one of these.
const (
	serveEnv = "TENCENT_BENCH_SERVE"
	canned   = "canned"   // one answer of 16 events for every pull, at once
	emulated = "emulated" // an emulator with a backlog, 20 ms away
)

const backlog = 1600 * 8

func TestMain(m *testing.M) {
	switch os.Getenv(serveEnv) {
	case "":
		os.Exit(leak.Check(m))
	case canned:
		serve(cannedAnswers())
	case emulated:
		emulator := vodtest.New(vodtest.Config{RoundTrip: 20 * time.Millisecond})
		content := taskFlow()
		for range backlog {
			if err := emulator.Send(0, content); err != nil {
				panic(err)
			}
		}
		serve(emulator)
	}
}

// serve prints its address and serves until its standard input is closed.
func serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func startServer(b *testing.B, what string) (url string) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveEnv+"="+what)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// taskFlow is a finished one of 6 KB, with the unused keys as null, as VOD sends it.
func taskFlow() []byte {
	fixture, err := vodtest.Fixture("ProcedureStateChanged")
	if err != nil {
		panic(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, fixture); err != nil {
		panic(err)
	}
	return compact.Bytes()
}

func cannedAnswers() http.Handler {
	var set bytes.Buffer
	for i := range worker.MaxBatch {
		if i > 0 {
			set.WriteByte(',')
		}
		fmt.Fprintf(&set, `{"EventHandle":"tdmq8308948%08d",%s`, i, taskFlow()[1:])
	}
	pull := fmt.Appendf(nil, `{"Response":{"EventSet":[%s],"RequestId":"335bdaa3-db0e-46ce-9946-51941d9cb0f5"}}`, &set)
	confirm := []byte(`{"Response":{"RequestId":"335bdaa3-db0e-46ce-9946-51941d9cb0f5"}}`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("X-TC-Action") == "PullEvents" {
			_, _ = w.Write(pull)
			return
		}
		_, _ = w.Write(confirm)
	})
}

// BenchmarkCPU compares the CPU that an event costs with that of the loop which a user would write with the SDK.
func BenchmarkCPU(b *testing.B) {
	b.Run("plain-loop", func(b *testing.B) {
		url := startServer(b, canned)
		prof := profile.NewClientProfile()
		prof.HttpProfile.Scheme, prof.HttpProfile.Endpoint = "HTTP", strings.TrimPrefix(url, "http://")
		client, err := vod.NewClient(common.NewCredential("id", "key"), "", prof)
		if err != nil {
			b.Fatal(err)
		}
		measure(b, func() (handled int) {
			for handled < b.N {
				answer, err := client.PullEvents(vod.NewPullEventsRequest())
				if err != nil {
					b.Fatal(err)
				}
				confirm := vod.NewConfirmEventsRequest()
				for _, event := range answer.Response.EventSet {
					handled++
					confirm.EventHandles = append(confirm.EventHandles, event.EventHandle)
				}
				if _, err := client.ConfirmEvents(confirm); err != nil {
					b.Fatal(err)
				}
			}
			return handled
		})
	})
	b.Run("worker", func(b *testing.B) {
		source := newBenchSource(b, startServer(b, canned))
		limiter, err := worker.NewLimiter(1e6)
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		var handled atomic.Int64
		w, err := worker.New(source, []worker.Handler{{Name: "nil", Handle: func(context.Context, events.Event) error {
			if handled.Add(1) == int64(b.N) {
				cancel()
			}
			return nil
		}}}, &worker.Options{Limiter: limiter})
		if err != nil {
			b.Fatal(err)
		}
		measure(b, func() int {
			if err := w.Run(ctx); err != nil {
				b.Fatal(err)
			}
			return w.Status().Confirmed
		})
	})
}

func newBenchSource(b *testing.B, url string) *tencent.Source {
	b.Helper()
	source, err := tencent.New(tencent.Options{Endpoint: url, Credentials: &tencent.Credentials{
		SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey,
	}})
	if err != nil {
		b.Fatal(err)
	}
	return source
}

func measure(b *testing.B, run func() (events int)) {
	before := cpu(b)
	b.ResetTimer()
	n := run()
	b.StopTimer()
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-µs/event")
}

// cpu is what this process has used, user and system.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkBacklog drains a backlog from an emulator that is 20 ms away, and compares with the 1,600 events a second
// that the API's quota allows, and with the 0.125 calls an event that full batches need.
func BenchmarkBacklog(b *testing.B) {
	for _, bench := range []struct {
		name        string
		concurrency int
		handler     time.Duration
	}{
		{"handlers=0s", 0, 0},
		{"handlers=1s/concurrency=1700", 1700, time.Second},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				drainBacklog(b, bench.concurrency, bench.handler)
			}
		})
	}
}

func drainBacklog(b *testing.B, concurrency int, handling time.Duration) {
	source := newBenchSource(b, startServer(b, emulated))
	var calls, confirmed atomic.Int64
	var first, last atomic.Int64 // confirm
	w, err := worker.New(source, []worker.Handler{{Name: "sleep", Handle: func(context.Context, events.Event) error {
		time.Sleep(handling)
		return nil
	}}}, &worker.Options{Concurrency: concurrency, Hooks: worker.Hooks{
		Pulled: func(info worker.PullInfo) {
			if len(info.Events) > 0 {
				calls.Add(1)
			}
		},
		Confirmed: func(info worker.ConfirmInfo) {
			calls.Add(1)
			now := time.Now().UnixNano()
			first.CompareAndSwap(0, now)
			last.Store(now)
			confirmed.Add(int64(len(info.Events)))
		},
	}})
	if err != nil {
		b.Fatal(err)
	}
	summary, err := w.Drain(b.Context(), worker.DrainOptions{})
	if err != nil || summary.Confirmed != backlog {
		b.Fatalf("%+v, %v", summary, err)
	}
	took := time.Duration(last.Load() - first.Load()).Seconds()
	b.ReportMetric(100*float64(confirmed.Load())/took/1600, "%-of-ceiling")
	b.ReportMetric(float64(calls.Load())/float64(confirmed.Load()), "calls/event")
}
