package main

import (
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vodworker/vodworker/cmd/vodworker/emulate"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

func TestMain(m *testing.M) {
	if os.Getenv("VODWORKER_ADMIN_LISTEN") == "" {
		_ = os.Setenv("VODWORKER_ADMIN_LISTEN", "127.0.0.1:0") // many run at once
	}
	testscript.Main(leakChecked{m}, map[string]func(){"vodworker": func() {
		program(withRoles(rolesAt{}))
	}})
}

// leakChecked fails the tests if they leave goroutines behind. It runs more of them side by side than there are cores:
// they mostly wait, for the end of a poll or of a window.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	parallel := "40"
	if underRaceDetector() {
		parallel = "12" // each works for long
	}
	_ = flag.Set("test.parallel", parallel) // -parallel says otherwise, if it is given
	return leak.Check(m.M)
}

// underRaceDetector reports whether this binary, which is the receiver too, takes several times the memory.
func underRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// Each script runs the real program, against an emulator and a receiver of webhooks that the script starts.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("VODWORKER_ADMIN_LISTEN", os.Getenv("VODWORKER_ADMIN_LISTEN"))
			env.Setenv("TENCENTCLOUD_SECRET_ID", vodtest.DefaultSecretID)
			env.Setenv("TENCENTCLOUD_SECRET_KEY", vodtest.DefaultSecretKey)
			env.Values[worldKey{}] = &world{sent: map[string]int{}}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"emulator":    cmdEmulator,
			"hook":        cmdHook,
			"await":       cmdAwait,
			"exits":       cmdExits,
			"retry":       cmdRetry,
			"readid":      cmdReadID,
			"freeport":    cmdFreePort,
			"calls":       cmdCalls,
			"sigterm":     cmdSigterm,
			"mend":        cmdMend,
			"push":        cmdPush,
			"certificate": cmdCertificate,
			"partners":    cmdPartners,
			"handles":     cmdHandles,
			"skew":        cmdSkew,
			"role":        cmdRole,
			"temporary":   cmdTemporary,
			"scrape":      cmdScrape,
		},
	})
}

// A world is what a script's program meets.
type world struct {
	emulator *vodtest.Emulator

	pusher *vodtest.Emulator // makes callbacks
	pushed uint64            // of this application

	mu     sync.Mutex
	begun  int            // posts
	sent   map[string]int // posts answered with 200, by file
	mended bool           // the receiver fails no longer
}

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func (w *world) serve(ts *testscript.TestScript, handler http.Handler) (url string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// emulator EVENTS [WINDOW [FAULTS [all-or-nothing]]] starts an emulator with that many events; its address is in $ENDPOINT. It
// holds a poll for $HOLD, or as long as VOD does.
func cmdEmulator(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	config := vodtest.Config{}
	if len(args) > 1 {
		config.Window, err = time.ParseDuration(args[1])
		ts.Check(err)
	}
	config.AllOrNothing = len(args) > 3
	if hold := ts.Getenv("HOLD"); hold != "" {
		config.Hold, err = time.ParseDuration(hold)
		ts.Check(err)
	}
	w.emulator = vodtest.New(config)
	if len(args) > 2 {
		faults, err := vodtest.ParseFaults(args[2])
		ts.Check(err)
		w.emulator.Script(faults...)
	}
	ts.Defer(w.emulator.Close)
	options := emulate.Options{Events: n}
	options.Fill(w.emulator)
	ts.Setenv("ENDPOINT", w.serve(ts, console.Handler(w.emulator, console.Options{})))
}

// hook [DELAY [N [STATUS]]] starts a receiver of webhooks that answers after DELAY, and every N-th event with STATUS (500)
// instead of 200; its address is in $HOOK.
func cmdHook(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	delay, nth := time.Duration(0), 0
	var err error
	if len(args) > 0 {
		delay, err = time.ParseDuration(args[0])
		ts.Check(err)
	}
	if len(args) > 1 {
		nth, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	status := http.StatusInternalServerError
	if len(args) > 2 {
		status, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	numbers := map[string]int{} // of the events, in the order in which they came
	ts.Setenv("HOOK", w.serve(ts, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		key := string(body) // a dead letter
		if event, err := events.Decode(body); err == nil {
			key = event.Key()
		}
		w.mu.Lock()
		w.begun++
		if numbers[key] == 0 {
			numbers[key] = len(numbers) + 1
		}
		fails := nth > 0 && numbers[key]%nth == 0 && !w.mended
		w.mu.Unlock()
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if fails {
			rw.WriteHeader(status)
			return
		}
		w.sent[key]++
	})))
}

// mend makes the receiver of webhooks answer every event with 200 from now on.
func cmdMend(ts *testscript.TestScript, _ bool, _ []string) {
	w := worldOf(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mended = true
}

// await posts|confirmed|waiting|in_flight|redelivered|handled|answered|given_up N waits until the count is at least N, for
// 60 s. handled counts the events of which a post was answered with 200; answered and given_up are callbacks.
func cmdAwait(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	count := func() int {
		w.mu.Lock()
		posts, handled := w.begun, len(w.sent)
		w.mu.Unlock()
		var s, pushed vodtest.Stats
		if w.emulator != nil {
			s = w.emulator.Stats(0)
		}
		if w.pusher != nil {
			pushed = w.pusher.Stats(w.pushed)
		}
		counts := map[string]int{
			"answered": pushed.Callbacks.Answered, "given_up": pushed.Callbacks.GivenUp,

			"posts": posts, "handled": handled, "confirmed": s.Confirmed, "waiting": s.Waiting,
			"in_flight": s.InFlight, "redelivered": s.Redelivered,
		}
		n, ok := counts[args[0]]
		if !ok {
			ts.Fatalf("await %s?", args[0])
		}
		return n
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 12000 {
		if count() >= want {
			return
		}
		<-tick.C
	}
	ts.Fatalf("%s is %d after 60 s, want %d", args[0], count(), want)
}

// calls MOST fails if there were more PullEvents and ConfirmEvents calls for each confirmed event than MOST.
func cmdCalls(ts *testscript.TestScript, _ bool, args []string) {
	most, err := strconv.ParseFloat(args[0], 64)
	ts.Check(err)
	s := worldOf(ts).emulator.Stats(0)
	got := float64(s.Calls["PullEvents"]+s.Calls["ConfirmEvents"]) / float64(s.Confirmed)
	ts.Logf("%.4f calls for each of %d events", got, s.Confirmed)
	if got > most {
		ts.Fatalf("%.4f calls for each event, want at most %v", got, most)
	}
}

// exits CODE PROGRAM ARG… runs a program and checks its exit code.
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	default:
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// retry PROGRAM ARG… runs a program until it succeeds, for 60 s: until what it talks to has started.
func cmdRetry(ts *testscript.TestScript, _ bool, args []string) {
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if err = ts.Exec(args[0], args[1:]...); err == nil {
			return
		}
	}
	ts.Fatalf("%s: %v after 60 s", strings.Join(args, " "), err)
}

// readid sets a variable to what the last program printed.
func cmdReadID(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// sigterm sends SIGTERM to the programs that run in the background.
func cmdSigterm(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// freeport sets $PORT to one that nobody listens on.
func cmdFreePort(ts *testscript.TestScript, _ bool, _ []string) {
	port, err := freePort()
	ts.Check(err)
	ts.Setenv("PORT", port)
}
