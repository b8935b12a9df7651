// Package postgrestest starts PostgreSQL for tests: a server of their own, which they may stop.
package postgrestest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
)

// Asked is the environment variable without which tests that need PostgreSQL are skipped. If it is "required", it must be there.
const Asked = "VODWORKER_POSTGRES"

// A Server is one on 127.0.0.1, which ends with its test.
type Server struct {
	t         testing.TB
	bin, data string
	port      int
	owner     *syscall.SysProcAttr
	running   *exec.Cmd
}

// Start starts a server. It skips the test if none was asked for: see [Asked].
func Start(t testing.TB) *Server {
	t.Helper()
	return StartIn(t, "")
}

// StartIn starts a server that keeps its data in a folder, such as one that is a disk of its own.
func StartIn(t testing.TB, folder string) *Server {
	t.Helper()
	asked := os.Getenv(Asked)
	if asked == "" {
		t.Skip("it needs PostgreSQL: make inbox runs it")
	}
	bin := find()
	switch {
	case bin == "" && asked == "required":
		t.Fatal("PostgreSQL is not installed: install Debian's package postgresql")
	case bin == "":
		t.Skip("PostgreSQL is not installed: install Debian's package postgresql")
	}
	folder, err := os.MkdirTemp(folder, "postgrestest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	s := &Server{t: t, bin: bin, data: filepath.Join(folder, "data"), port: freePort(t), owner: Unprivileged(t)}
	if as := s.owner; as != nil {
		if err := os.Chown(folder, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	init := s.command("initdb", "-D", s.data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.Restart()
	t.Cleanup(func() { s.Stop(syscall.SIGQUIT) })
	return s
}

// Restart starts a server that has been stopped, and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.running = s.command("postgres", "-D", s.data, "-p", strconv.Itoa(s.port), "-k", filepath.Dir(s.data), "-c",
		"listen_addresses=127.0.0.1", "-c", "fsync=on")
	if err := s.running.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := s.ask("select 1")
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("PostgreSQL does not answer: %v", err)
		}
	}
}

// Stop ends the server: SIGINT fast, SIGQUIT as a crash does. It does nothing if it is stopped.
func (s *Server) Stop(how syscall.Signal) {
	if s.running == nil {
		return
	}
	_ = s.running.Process.Signal(how)
	_ = s.running.Wait()
	s.running = nil
}

// Database makes a database, and returns its URL.
func (s *Server) Database(name string) string {
	s.t.Helper()
	s.Exec("create database " + name)
	return s.URL(name)
}

// Exec runs a statement in the database postgres.
func (s *Server) Exec(statement string) {
	s.t.Helper()
	if err := s.ask(statement); err != nil {
		s.t.Fatal(err)
	}
}

// Port is where it listens, on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// URL is that of a database, which need not be there.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

func (s *Server) ask(statement string) error {
	db, err := sql.Open("pgx", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = filepath.Dir(s.data)
	c.SysProcAttr = s.owner
	return c
}

// find returns the folder of PostgreSQL's programs, the newest; empty if there is none.
func find() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if in, err := exec.LookPath("initdb"); err == nil {
		found = append(found, in)
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(found))
}

// Unprivileged is whom a server runs as, which refuses root; nil if the test is not root.
func Unprivileged(t testing.TB) *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		}
	}
	t.Fatal("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
	return nil
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
