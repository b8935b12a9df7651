package initial_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/initial"
)

func writing(text string, err error) func(io.Writer) error {
	return func(to io.Writer) error {
		_, written := io.WriteString(to, text)
		return errors.Join(err, written)
	}
}

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	name := filepath.Join(t.TempDir(), "config.yaml")
	if err := initial.IsFree(name); err != nil {
		t.Error(err)
	}
	for wrong, want := range map[error]string{syscall.ENOSPC: "the disk is full; make room", errors.New("odd"): "odd; name another"} {
		if err := initial.Make(name, writing("half", wrong)); err == nil || !strings.Contains(err.Error(), "config.yaml can't be written: "+want) {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file is left: %v", err)
	}
	if err := initial.Make(name, writing("all", nil)); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(name); string(text) != "all" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestWhatIsThereStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	file, link, closed := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "link.yaml"), filepath.Join(dir, "closed")
	for _, err := range []error{
		os.WriteFile(file, []byte("mine"), 0o600), os.Symlink(filepath.Join(dir, "away"), link), os.Mkdir(closed, 0o500),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		file: "is there already, and stays as it is; name another",
		link: "is there already, and stays as it is; name another",
		dir:  "is a folder; name a file in it",

		filepath.Join(dir, "no", "c.yaml"): "",
		filepath.Join(closed, "c.yaml"):    "",
	} {
		if err := initial.IsFree(name); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	for name, want := range map[string]string{
		file: "is there already",
		link: "is there already",

		filepath.Join(file, "c.yaml"):                "a part of its path is no folder; name another",
		filepath.Join(dir, strings.Repeat("n", 300)): "its name is too long; write a shorter one",

		filepath.Join(dir, "no", "c.yaml"): "its folder does not exist; make the folder, or name another",
		filepath.Join(closed, "c.yaml"):    "you may not write into its folder; name another",
	} {
		if os.Geteuid() == 0 && strings.HasPrefix(name, closed) {
			continue // root may
		}
		if err := initial.Make(name, writing("new", nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if text, err := os.ReadFile(file); string(text) != "mine" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
