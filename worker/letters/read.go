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
	folder, err := disk.OpenDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	defer func() { _ = folder.Close() }()
	files, err := fs.ReadDir(folder.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %s: %w", d.path, err)
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
