package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What vodworker shows of itself has no switch. So what that costs is told by programs that differ from ./vodworker in one
// expression: whom the workers tell.
const (
	toldIn   = "../run.go"
	toldAll  = "countedBy(counted).remembering(config)"
	toldSome = "countedBy(counted)" // metrics, and no page
	toldNone = "observers{}"
)

// What operators look at.
const (
	lookMetrics = "/metrics"
	lookPage    = "/api/state?limit=400" // all that the page asks for, when it lists the most
)

// operated is a contest of what operators are shown with what would be shown nobody.
func operated(name, title, what string) contest {
	return contest{
		name: name, title: title, share: 1, uploads: true,
		subjects: []subject{
			{name: "vodworker, scraped each second", command: handler(what), looks: lookMetrics},
			{name: "vodworker, its page open", command: handler(what), looks: lookPage},
			{name: "with metrics and no page, scraped each second", command: telling(toldSome, what), looks: lookMetrics},
			{name: "with neither", command: telling(toldNone, what)},
		},
		versus: []versus{{theirs: 3, cpu: 1.05}, {ours: 1, theirs: 3}, {ours: 2, theirs: 3, cpu: 1.05}},
	}
}

// telling is vodworker, built with another expression, with one handler.
func telling(whom, what string) func(testing.TB, stage) *exec.Cmd {
	return func(tb testing.TB, on stage) *exec.Cmd {
		tb.Helper()
		cmd := handler(what)(tb, on)
		cmd.Path = built(tb, whom)
		return cmd
	}
}

var (
	programs sync.Map // by expression, what makes it once
	builds   []string // folders, to be removed at the end
)

func built(tb testing.TB, whom string) string {
	tb.Helper()
	build, _ := programs.LoadOrStore(whom, sync.OnceValues(func() (string, error) { return buildTelling(whom) }))
	path, err := build.(func() (string, error))()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// buildTelling builds as make build does, and has the compiler read another file in place of one.
func buildTelling(whom string) (string, error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", err
	}
	builds = append(builds, folder)
	place, err := filepath.Abs(toldIn)
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(place)
	if err != nil {
		return "", err
	}
	if strings.Count(string(source), toldAll) != 1 {
		return "", fmt.Errorf("%s: %s is not there once", toldIn, toldAll)
	}
	other := filepath.Join(folder, "run.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {place: other}})
	if err != nil {
		return "", err
	}
	for path, text := range map[string]string{
		other: strings.Replace(string(source), toldAll, whom, 1), filepath.Join(folder, "overlay"): string(overlay),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	program := filepath.Join(folder, "vodworker")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-overlay", filepath.Join(folder, "overlay"), "-o", program, "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
}

// A look is somebody who asks a process for the same each second.
type look struct {
	tb   testing.TB
	stop func()
	done chan struct{}
	seen int   // answers
	size int64 // of the last one, in bytes
	err  error // of the last request
}

// startLook begins when the process answers.
func startLook(tb testing.TB, url string) *look {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	l := &look{tb: tb, stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for ctx.Err() == nil {
			pause := time.Second
			if size, err := ask(ctx, url); err == nil {
				l.seen, l.size, l.err = l.seen+1, size, nil
			} else if ctx.Err() == nil {
				l.err, pause = err, 50*ms
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}()
	return l
}

func ask(ctx context.Context, url string) (size int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.Copy(io.Discard, answer.Body)
}

// end ends it.
func (l *look) end() {
	l.stop()
	<-l.done
	if l.seen == 0 || l.err != nil {
		l.tb.Errorf("a look got %d answers: %v", l.seen, l.err)
	}
}

// freeAddress is one that nobody listens on.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
