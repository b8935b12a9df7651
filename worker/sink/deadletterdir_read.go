package sink

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker"
)

// List returns an entry for each file in the folder, the one that failed last at the end. A file that cannot be read, or
// is no letter, has an entry that says so, in front. It fails only if the folder cannot be read. Files whose name begins
// with a dot, and folders, are passed over.
func (d *DeadLetterDir) List() ([]Entry, error) {
	files, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	var entries []Entry
	for _, file := range files {
		if file.IsDir() || strings.HasPrefix(file.Name(), ".") {
			continue
		}
		letter, err := d.read(file.Name())
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
			continue
		case err != nil:
			letter.Entry = Entry{Err: err}
		}
		letter.Name = file.Name()
		entries = append(entries, letter.Entry)
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Name, b.Name))
	})
	return entries, nil
}

// Read returns a letter by the name of its [Entry], with its event byte for byte. If there is none the error is
// [fs.ErrNotExist].
func (d *DeadLetterDir) Read(name string) (worker.DeadLetter, error) {
	file, err := d.read(name)
	if err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", err)
	}
	return file.letter(), nil
}

// read needs no lock: a file is never changed, only replaced.
func (d *DeadLetterDir) read(name string) (letterFile, error) {
	if err := checkName(name); err != nil {
		return letterFile{}, err
	}
	path := filepath.Join(d.path, name)
	info, err := os.Stat(path)
	if err != nil {
		return letterFile{}, err
	}
	if !info.Mode().IsRegular() { // reading a pipe would not end
		return letterFile{}, fmt.Errorf("%s: not a dead letter: not a file", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return letterFile{}, err
	}
	file, err := decodeLetter(content)
	if err != nil {
		return letterFile{}, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}
