package usage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFileSaysWhatToChange(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		filepath.Join(dir, "none"): "there is no such file; make it, or name another",
		dir:                        "this is a folder; name the file in it",
	} {
		_, err := os.ReadFile(name)
		if got := File(err); got == nil || got.Error() != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
	if err := File(os.ErrPermission); err.Error() != "the file may not be read; give the user of vodworker the right to read it" {
		t.Error(err)
	}
	if odd := errors.New("odd"); File(odd) != odd {
		t.Error("another error is changed")
	}
}
