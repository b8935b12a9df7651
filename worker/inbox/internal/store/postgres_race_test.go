package store

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// In each round a process dies, and two others give back its jobs and claim them at once: what one runs, the other must not
// give back.
func TestTwoWhoGiveBackAtOnceLeaveWhatIsClaimedAnew(t *testing.T) {
	url := postgrestest.Start(t).Database("reapers")
	stores := []*postgresStore{openTest(t, url), openTest(t, url)}
	turn(t, stores[0], Turn{Me: "0", Join: true, Events: some(64)})
	turn(t, stores[1], Turn{Me: "1", Join: true})
	for round := range 40 {
		dead := fmt.Sprint("dead", round) // it has no row
		turn(t, stores[0], Turn{Me: dead, Claims: []Claim{{Handler: "h", Most: 64}}})
		var lock sync.Mutex
		runs := map[int64]int64{}
		var both sync.WaitGroup
		for me, s := range stores {
			both.Go(func() {
				for range 4 {
					done, err := s.Turn(context.Background(), Turn{Me: fmt.Sprint(me), Beat: true, GiveBack: true,
						Claims: []Claim{{Handler: "h", Most: 16, Suspect: true}}})
					if err != nil {
						t.Error(err)
						return
					}
					lock.Lock()
					for _, j := range done.Claimed[0] {
						if _, is := runs[j.Number]; is {
							t.Errorf("round %d: job %d is run by two", round, j.Number)
						}
						runs[j.Number] = j.Run
					}
					lock.Unlock()
				}
			})
		}
		both.Wait()
		var ends []End
		for job, run := range runs {
			ends = append(ends, End{Job: job, Run: run, To: Waiting})
		}
		turn(t, stores[0], Turn{Me: "0", Ends: ends})
		if t.Failed() {
			return
		}
	}
}

func TestTurnsWorkThroughAPoolerOfTransactions(t *testing.T) {
	server := postgrestest.Start(t)
	bouncer, err := exec.LookPath("pgbouncer")
	if err != nil {
		if bouncer, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Skip("pgbouncer is not installed")
		}
	}
	server.Database("pooled")
	port := server.Port() + 1
	folder, err := os.MkdirTemp("", "pgbouncer")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "ini")
	settings := fmt.Sprintf("[databases]\npooled = host=127.0.0.1 port=%d user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"+
		"listen_port = %d\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\nunix_socket_dir =\n", server.Port(), port)
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	os.Chmod(folder, 0o755)
	run := exec.Command(bouncer, file)
	run.SysProcAttr = postgrestest.Unprivileged(t)
	var said strings.Builder
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { run.Process.Kill(); run.Wait() }()
	url := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/pooled?sslmode=disable", port)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		s, err := newPostgres(t.Context(), url, Options{})
		if err == nil {
			s.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	claimBeside(t, url)
}
