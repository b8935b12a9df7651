//go:build unix

package letters_test

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker/letters"
)

func TestAFolderThatCannotBeUsedIsRefused(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":                                "no folder is named",
		file:                              "is no folder",
		filepath.Join(base, "no", "dead"): "no such file",
	} {
		_, err := letters.NewDir(path)
		if err == nil || !strings.HasPrefix(err.Error(), "dead letters: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
	}
}

func TestAFolderWithoutPermissionIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	store, dir := newStore(t)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if _, err := letters.NewDir(dir); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), dir) {
		t.Errorf("new: %v", err)
	}
	if err := store.Write(t.Context(), letterOf(uploadJSON, "a")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("write: %v", err)
	}
}

func TestALetterThatCannotBeReadIsReplaced(t *testing.T) {
	store, dir := newStore(t)
	letter := letterOf(uploadJSON, "a")
	name := letter.Event.Key() + ".json"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"key`), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, store, letter)
	if _, err := store.Show(t.Context(), name); err != nil {
		t.Error(err)
	}
}

func TestAPipeIsNotWaitedFor(t *testing.T) {
	store, dir := newStore(t)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.json"), 0o600); err != nil {
		t.Skip(err)
	}
	if entries := list(t, store); len(entries) != 1 || entries[0].Err == nil {
		t.Errorf("listed: %+v", entries)
	}
}

func TestAFailedWriteSaysSoAndLeavesNothingBehind(t *testing.T) {
	store, dir := newStore(t)
	letter := letterOf(uploadJSON, "a")
	inTheWay := filepath.Join(dir, letter.Event.Key()+".json", "x") // the rename fails
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := store.Write(t.Context(), letter); err == nil || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), letter.LastError) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{".lock", letter.Event.Key() + ".json"}, files(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := store.Write(t.Context(), letter); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its folder: %v", err)
	}
}

func TestAFullDiskKeepsTheOldLetter(t *testing.T) {
	store, dir := newStore(t)
	letter := letterOf(uploadJSON, "a", "b")
	write(t, store, letter)

	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit fails, as on a full disk
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = 100
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	again := letter
	again.Missing = []string{"b"}
	err := store.Write(t.Context(), again)
	if resetErr := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); resetErr != nil {
		t.Fatal(resetErr)
	}
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v", err)
	}
	name := letter.Event.Key() + ".json"
	if diff := cmp.Diff([]string{".lock", name}, files(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got, err := store.Show(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(letter, got); diff != "" {
		t.Errorf("-old +read:\n%s", diff)
	}
}

func TestOnlyOldTemporariesAreRemovedAtStart(t *testing.T) {
	store, dir := newStore(t)
	for _, name := range []string{".letter-old", ".letter-new", ".other-old"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(`{"key":"k","event":{}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if age := time.Now().Add(-2 * time.Hour); strings.HasSuffix(name, "old") {
			if err := os.Chtimes(path, age, age); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := list(t, store); len(got) != 0 {
		t.Errorf("listed: %+v", got)
	}
	openStore(t, dir)
	if diff := cmp.Diff([]string{".letter-new", ".lock", ".other-old"}, files(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

const crashDir = "VODWORKER_TEST_CRASH_DIR"

// A process that writes letters for ever is killed in the middle of it, often.
func TestAKilledWriterLeavesWholeLetters(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		store := openStore(t, dir)
		for i := 0; ; i++ {
			letter := letterOf(uploadJSON, "a")
			letter.LastError = strings.Repeat(string(rune('a'+i%26)), 2000)
			write(t, store, letter)
			os.Stdout.WriteString("written\n")
		}
	}
	_, dir := newStore(t)
	for i := range 10 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAKilledWriterLeavesWholeLetters$")
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range i + 1 {
			lines.Scan()
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		entries := list(t, openStore(t, dir))
		if len(entries) != 1 || entries[0].Err != nil || entries[0].LastError != strings.Repeat(entries[0].LastError[:1], 2000) {
			t.Fatalf("left: %+v", entries)
		}
	}
	write(t, openStore(t, dir), letterOf(uploadJSON, "a")) // nothing is locked
}

// A process that counts for ever is killed in the middle of it, often: what it leaves is whole, and as new as it has said.
func TestAKilledRecorderLeavesAWholeRecord(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		store := openStore(t, dir)
		for n := 1; ; n++ {
			record(t, store, bytes.Repeat([]byte(strconv.Itoa(n)+"\n"), 10_000))
			os.Stdout.WriteString(strconv.Itoa(n) + "\n")
		}
	}
	_, dir := newStore(t)
	for i := range 10 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAKilledRecorderLeavesAWholeRecord$")
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		said := bufio.NewScanner(out)
		for range i + 1 {
			said.Scan()
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
		kept := record(t, openStore(t, dir), nil)
		line, _, _ := strings.Cut(string(kept), "\n")
		if n, _ := strconv.Atoi(line); n <= i || string(kept) != strings.Repeat(line+"\n", 10_000) {
			t.Fatalf("%d bytes are kept, of the %sth change; %d were acknowledged", len(kept), line, i+1)
		}
	}
}
