package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A disk is a small one.
type disk struct {
	t      *testing.T
	folder string
}

func newDisk(t *testing.T, size string) disk {
	t.Helper()
	folder, err := os.MkdirTemp("", "disk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := syscall.Mount("none", folder, "tmpfs", 0, "mode=755,size="+size); errors.Is(err, syscall.EPERM) {
		t.Skip("only root may mount a small disk")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return disk{t, folder}
}

func (d disk) filler() string { return filepath.Join(d.folder, "filler") }

// fill leaves no room.
func (d disk) fill() {
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

func (d disk) empty() {
	if err := os.Remove(d.filler()); err != nil {
		d.t.Error(err)
	}
}

func TestAFullDiskOfSQLiteLosesNothing(t *testing.T) {
	begin(t)
	d := newDisk(t, "16m") // its log alone takes 4
	fullDisk(t, d, "sqlite://"+filepath.Join(d.folder, "inbox.db"), func() {})
}

func TestAFullDiskOfPostgresLosesNothing(t *testing.T) {
	begin(t)
	d := newDisk(t, "120m")
	server := postgrestest.StartIn(t, d.folder)
	fullDisk(t, d, server.Database("small"), func() { // it ends itself, if it can't write its log
		server.Stop(syscall.SIGQUIT)
		server.Restart()
	})
}

// Some events run when the disk fills up, and succeed while it is full. When there is room that is written before anything is
// confirmed: the process is killed then, and they are not run again.
func fullDisk(t *testing.T, d disk, url string, mend func()) {
	const running, more = 10, 20_000
	end := make(chan struct{})
	c := &receiver{}
	c.answer = func(ctx context.Context, _ run) int {
		if c.count(func(run) bool { return true }) > running {
			return http.StatusOK
		}
		select {
		case <-end:
			return http.StatusOK
		case <-ctx.Done():
			return 0
		}
	}
	confirmedAgain := make(chan struct{}, 1)
	var room atomic.Bool
	s := newStage(t, url, c, func(call vodtest.Call) {
		if room.Load() && len(call.Confirmed) > 0 {
			select {
			case confirmedAgain <- struct{}{}:
			default:
			}
		}
	})
	p := s.start()
	s.upload(running)
	eventually(t, 30*time.Second, "all run", func() bool { return c.count(func(run) bool { return true }) == running })
	early := c.byFile()
	d.fill()
	sent := running
	full := func() bool {
		is, why := p.ready()
		return !is && strings.HasPrefix(strings.Join(why, " "), "inbox: ")
	}
	eventually(t, time.Minute, "nothing can be stored", func() bool {
		if s.emulator.Stats(0).Waiting < 200 && sent < more {
			s.upload(200)
			sent += 200
		}
		d.fill()
		return full()
	})
	_, why := p.ready()
	t.Logf("not ready with %d events sent: %q", sent, why)
	close(end)
	eventually(t, 10*time.Second, "what runs ends", func() bool {
		n := 0
		for file := range early {
			if handled(c.byFile()[file]) {
				n++
			}
		}
		return n == running
	})
	before := s.emulator.Stats(0).Confirmed
	time.Sleep(5 * time.Second)
	if n := s.emulator.Stats(0).Confirmed; n > before+16 || !full() { // one alone may still find a gap
		t.Errorf("%d events were confirmed of %d; full: %v", n-before, sent-before, full())
	}
	d.empty()
	room.Store(true)
	mend()
	select {
	case <-confirmedAgain:
	case <-time.After(time.Minute):
		t.Fatal("nothing is confirmed though there is room")
	}
	p.kill()
	s.confirmedIsStored()
	s.start()
	eventually(t, 3*time.Minute, fmt.Sprintf("all %d are done", sent), func() bool {
		time.Sleep(200 * time.Millisecond)
		return s.emulator.Stats(0).Confirmed == sent && s.allDone(sent)
	})
	runs := c.byFile()
	for file := range early {
		if len(runs[file]) != 1 {
			t.Errorf("%s, which succeeded while the disk was full, was run again: %+v", file, runs[file])
		}
	}
	if len(runs) != sent {
		t.Errorf("%d events were handled of %d", len(runs), sent)
	}
}
