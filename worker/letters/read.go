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
	"github.com/vodworker/vodworker/worker/internal/disk"
)

// maxLetter is how many bytes of a letter are read: an answer of the API has 50 MB at most, base64 makes a third more of it,
// and what else is in a letter is bounded.
const maxLetter = 128 << 20

// List implements [Store]. It reads every file.
func (d *Dir) List(ctx context.Context) ([]Entry, error) {
	folder, names, err := d.names()
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	var entries []Entry
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list dead letters: %w", err)
		}
		switch file, err := d.read(folder, name); {
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

// Count returns how many entries List would return. It reads no file.
func (d *Dir) Count() (int, error) {
	folder, names, err := d.names()
	if err != nil {
		return 0, err
	}
	return len(names), folder.Close()
}

// names returns the folder, which the caller closes, and the names of the letters in it.
func (d *Dir) names() (_ *os.Root, names []string, err error) {
	folder, err := disk.OpenDir(d.path)
	if err != nil {
		return nil, nil, fmt.Errorf("list dead letters: %w", err)
	}
	files, err := fs.ReadDir(folder.FS(), ".")
	if err != nil {
		_ = folder.Close()
		return nil, nil, fmt.Errorf("list dead letters: %s: %w", d.path, err)
	}
	for _, found := range files {
		if name := found.Name(); !found.IsDir() && !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return folder, names, nil
}

// Show implements [Store].
func (d *Dir) Show(ctx context.Context, name string) (worker.DeadLetter, error) {
	if err := ctx.Err(); err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", err)
	}
	folder, err := disk.OpenDir(d.path)
	if err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", err)
	}
	defer func() { _ = folder.Close() }()
	file, err := d.read(folder, name)
	if err != nil {
		return worker.DeadLetter{}, fmt.Errorf("read dead letter: %w", err)
	}
	return file.letter(), nil
}

// read needs no lock: a file is never changed, only replaced.
func (d *Dir) read(folder *os.Root, name string) (letterFile, error) {
	if err := checkName(name); err != nil {
		return letterFile{}, err
	}
	content, err := disk.Read(folder, name, maxLetter)
	if err != nil {
		return letterFile{}, err
	}
	file, err := decode(content)
	if err != nil {
		return letterFile{}, fmt.Errorf("%s: %w", filepath.Join(d.path, name), err)
	}
	return file, nil
}
