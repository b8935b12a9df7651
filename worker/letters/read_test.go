package letters_test

import (
	"os"
	"path/filepath"
	"testing"
)

// A count is of what a list would have, and reads nothing: a folder may hold many large ones.
func TestACountIsOfWhatAListHas(t *testing.T) {
	store, dir := newStore(t)
	write(t, store, letterOf(uploadJSON, "a"))
	for _, name := range []string{"README.txt", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o000); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Count(); n != 2 || n != len(list(t, store)) || err != nil {
		t.Errorf("it counts %d: %v", n, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Count(); err == nil {
		t.Errorf("without its folder it counts %d", n)
	}
}
