package bench

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
)

// A place is where an inbox may be.
type place struct {
	name string
	open func(t *testing.T, slow bool) database
}

var (
	inFile     = place{"SQLite", openFile}
	inPostgres = place{"Postgres", openServer}
)

// A database is an empty one.
type database struct {
	url    string
	file   string   // of SQLite
	slow   bool     // its syncs are to take 10 ms
	server *process // that ends PostgreSQL when its input ends
	pid    int      // of PostgreSQL
}

// slowed is a program of which each sync takes 10 ms.
func slowed(cmd *exec.Cmd) *exec.Cmd {
	slow := exec.Command("strace", append([]string{"-D", "-f", "--seccomp-bpf", "-o", os.DevNull,
		"-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_exit=10000"}, cmd.Args...)...)
	slow.Env, slow.Stdout = cmd.Env, cmd.Stdout
	return slow
}

func openFile(t *testing.T, slow bool) database {
	folder, err := os.MkdirTemp("", "inbox") // that of t has a # in it from the second round on, which an inbox's URL may not
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	file := filepath.Join(folder, "inbox.db")
	return database{url: "sqlite://" + file, file: file, slow: slow}
}

func openServer(t *testing.T, slow bool) database {
	tests, err := builtTests("../../../worker/internal/postgrestest")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tests, "-test.run=^TestServe$", "-test.timeout=0", "-serve")
	cmd.Env = append(os.Environ(), "VODWORKER_POSTGRES=yes")
	if slow {
		cmd = slowed(cmd)
	}
	d := database{server: start(t, "PostgreSQL", cmd)}
	t.Cleanup(func() { d.server.end(t) }) // before the process is killed, so that it ends the server
	line := d.server.line(t)
	if strings.HasSuffix(line, "SKIP") || line == "PASS" {
		t.Skip("PostgreSQL is not installed")
	}
	var told struct {
		URL string
		PID int
	}
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		t.Fatalf("PostgreSQL says %q: %v", line, err)
	}
	d.url, d.pid = told.URL, told.PID
	return d
}

// processes are those of the server.
func (d database) processes() (pids []int) {
	if d.server == nil {
		return nil
	}
	pids = append(pids, d.pid)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if fields := statOf(path); len(fields) > 1 && fields[1] == strconv.Itoa(d.pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// statOf returns what the operating system tells of a process, from its state on.
func statOf(path string) []string {
	stat, _ := os.ReadFile(path)
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(rest)
}

// used is the CPU that a server has used so far, with that of connections that have ended.
func (d database) used() (cpu time.Duration) {
	for _, pid := range d.processes() {
		cpu += usedBy(pid)
	}
	return cpu
}

func usedBy(pid int) (cpu time.Duration) {
	const tick = 10 * ms // as all of Linux has it
	if fields := statOf(fmt.Sprintf("/proc/%d/stat", pid)); len(fields) > 14 {
		for _, field := range fields[11:15] { // user and system, its own and that of children that have ended
			ticks, _ := strconv.Atoi(field)
			cpu += time.Duration(ticks) * tick
		}
	}
	return cpu
}

// size is that of the database, in bytes: with what has not been written into its file yet.
func (d database) size(t *testing.T) (size float64) {
	switch {
	case d.server != nil:
		db, err := sql.Open("pgx", d.url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if err := db.QueryRowContext(t.Context(), `select pg_database_size(current_database())`).Scan(&size); err != nil {
			t.Fatal(err)
		}
	case d.file != "":
		for _, suffix := range []string{"", "-wal"} {
			if about, err := os.Stat(d.file + suffix); err == nil {
				size += float64(about.Size())
			}
		}
	}
	return size
}

// Handled looks at how often handlers behind an inbox have succeeded.
type handled struct {
	t      *testing.T
	of     []server
	wanted int

	early, late, last mark
}

// wait waits until all is handled.
func (h *handled) wait() {
	h.t.Helper()
	for deadline := time.Now().Add(patience); h.last.Confirmed < h.wanted; time.Sleep(100 * ms) {
		now := mark{At: time.Now()}
		for _, s := range h.of {
			if s.isGone() {
				h.t.Fatalf("%s has ended by itself", s.name)
			}
			now.Confirmed += s.handled()
		}
		if h.last.Confirmed < h.wanted/10 {
			h.early = now
		}
		if h.last.Confirmed < h.wanted-h.wanted/10 {
			h.late = now
		}
		if h.last = now; now.At.After(deadline) {
			h.t.Fatalf("after %v %d of %d events were handled", patience, now.Confirmed, h.wanted)
		}
	}
}

// steady is how many were handled in a second, without the beginning and the end.
func (h *handled) steady() float64 {
	return float64(h.late.Confirmed-h.early.Confirmed) / h.late.At.Sub(h.early.At).Seconds()
}

// handled is how often handlers have succeeded, but for the one that stores; 0 if that is not known.
func (s server) handled() (n int) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+lookMetrics, nil)
	if err != nil {
		return 0
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = answer.Body.Close() }()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "} ")
		if strings.HasPrefix(name, "vodworker_handled_total{") && strings.HasSuffix(name, `outcome="ok"`) &&
			!strings.Contains(name, `handler="inbox"`) {
			count, _ := strconv.Atoi(value)
			n += count
		}
	}
	return n
}
