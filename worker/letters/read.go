package letters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker"
)

// List implements [Store]. It reads every file.
func (d *Dir) List(ctx context.Context) ([]Entry, error) {
	files, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	var entries []Entry
	for _, found := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list dead letters: %w", err)
		}
		name := found.Name()
		if found.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		switch file, err := d.read(name); {
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
		case err != nil:
			entries = append(entries, Entry{Name: name, Err: err})
		default:
			entries = append(entries, file.entry(name))
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Name, b.Name))
	})
	return entries, nil
}

// Show implements [Store].
func (d *Dir) Show(ctx context.Context, name string) (worker.DeadLetter, error) {
	if err := ctx.Err(); err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", err)
	}
	file, err := d.read(name)
	if err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", err)
	}
	return file.letter(), nil
}

// read needs no lock: a file is never changed, only replaced.
func (d *Dir) read(name string) (letterFile, error) {
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
	file, err := decode(content)
	if err != nil {
		return letterFile{}, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}
