package disk

import (
	"os"
	"path/filepath"
	"testing"
)

// What is found goes into a report: it names no probe, and nothing that the configuration does not show.
func TestWhatCanNotBeMadeIsSaidInOneSentence(t *testing.T) {
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{filepath.Join(locked, "hunter2", "new"): "its folder does not exist; make the folder, or name another"}
	if os.Geteuid() != 0 {
		tests[filepath.Join(locked, "new")] = "it can't be made: this user can't write to " + locked +
			": permission denied; give the user of vodworker the right to write there"
	}
	for path, want := range tests {
		if found, err := CanMake(path); err == nil || err.Error() != want {
			t.Errorf("%s: %s, %v, want %s", path, found, err, want)
		}
	}
}
