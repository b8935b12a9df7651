package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const drivePage = 4096

// A drive is what a log of strace says of files: what can be read of them, and what would be left if the power failed. It is as
// unkind as Linux may be. Nothing is left that was not synced, and when a sync fails its pages are taken for clean: they can be
// read, and no later sync writes them, unless they are written anew.
type drive struct {
	files map[string]*driveFile
	calls map[string]driveCall // begun, by thread
	fails int                  // calls that were made to fail
}

type driveFile struct {
	read, kept []byte
	dirty      map[int]bool // pages
}

type driveCall struct {
	name, args string
	pages      map[int][]byte // of a sync
}

func newDrive() *drive { return &drive{map[string]*driveFile{}, map[string]driveCall{}, 0} }

// follow takes what strace -f -y -xx has written, up to a line that is not whole.
func (d *drive) follow(log io.Reader) error {
	for lines := bufio.NewReaderSize(log, 1<<20); ; {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := d.take(strings.TrimSuffix(line, "\n")); err != nil {
			return fmt.Errorf("%.300s: %w", line, err)
		}
	}
}

func (d *drive) take(line string) error {
	if strings.HasSuffix(line, "(INJECTED)") {
		d.fails++
	}
	thread, line, _ := strings.Cut(line, " ")
	line = strings.TrimLeft(line, " ")
	if rest, ok := strings.CutPrefix(line, "<... "); ok {
		call := d.calls[thread]
		delete(d.calls, thread)
		return d.end(call, rest)
	}
	name, rest, ok := strings.Cut(line, "(")
	if !ok {
		return nil // a thread has ended
	}
	call := driveCall{name: name, args: rest}
	if name == "fsync" || name == "fdatasync" {
		call.pages = d.file(fileOf(rest)).wash()
	}
	if strings.HasSuffix(rest, "<unfinished ...>") {
		d.calls[thread] = call
		return nil
	}
	return d.end(call, rest)
}

// end lets a call have its effect, if it has one: what it has returned is at the end of the line.
func (d *drive) end(call driveCall, line string) error {
	at := strings.LastIndex(line, " = ")
	if at < 0 {
		return nil // the process was killed
	}
	word, _, _ := strings.Cut(line[at+len(" = "):], " ")
	got, err := strconv.Atoi(word)
	if err != nil || got < 0 {
		return nil
	}
	switch call.name {
	case "pwrite64":
		return d.file(fileOf(call.args)).pwrite(call.args, got)
	case "fsync", "fdatasync":
		f := d.file(fileOf(call.args))
		for page, text := range call.pages {
			f.kept = place(f.kept, page*drivePage, text)
		}
	case "ftruncate":
		_, args, _ := strings.Cut(call.args, ">, ")
		size, err := strconv.Atoi(digits(args))
		if err != nil {
			return err
		}
		f := d.file(fileOf(call.args))
		f.read, f.kept = f.read[:min(size, len(f.read))], f.kept[:min(size, len(f.kept))]
	case "unlink":
		_, path, _ := strings.Cut(call.args, `"`)
		path, _, _ = strings.Cut(path, `"`)
		delete(d.files, unhex(path))
	}
	return nil
}

func (f *driveFile) pwrite(args string, n int) error {
	_, text, _ := strings.Cut(args, `"`)
	text, rest, _ := strings.Cut(text, `"`)
	_, at, _ := strings.Cut(strings.TrimPrefix(rest, ", "), ", ")
	offset, err := strconv.Atoi(digits(at))
	if err != nil {
		return err
	}
	data := unhex(text)
	if len(data) < n {
		return fmt.Errorf("%d bytes of %d", len(data), n)
	}
	f.read = place(f.read, offset, []byte(data[:n]))
	for page := offset / drivePage; page*drivePage < offset+n; page++ {
		f.dirty[page] = true
	}
	return nil
}

// wash returns the dirty pages, which are taken for clean from now on.
func (f *driveFile) wash() map[int][]byte {
	pages := map[int][]byte{}
	for page := range f.dirty {
		if at := page * drivePage; at < len(f.read) {
			pages[page] = append([]byte{}, f.read[at:min(at+drivePage, len(f.read))]...)
		}
	}
	clear(f.dirty)
	return pages
}

// save writes what would be left of the files into a folder. Of the pages that nobody has synced dice say which are left.
func (d *drive) save(dir string, dice *rand.Rand) error {
	for path, f := range d.files {
		kept := append([]byte{}, f.kept...)
		for page, text := range (&driveFile{read: f.read, dirty: maps.Clone(f.dirty)}).wash() {
			if dice.IntN(2) == 0 {
				kept = place(kept, page*drivePage, text)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), kept, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (d *drive) file(path string) *driveFile {
	if d.files[path] == nil {
		d.files[path] = &driveFile{dirty: map[int]bool{}}
	}
	return d.files[path]
}

// place puts text into a file, which it makes longer if need be.
func place(file []byte, at int, text []byte) []byte {
	if more := at + len(text) - len(file); more > 0 {
		file = append(file, make([]byte, more)...)
	}
	copy(file[at:], text)
	return file
}

// fileOf returns the path in arguments that begin with a file, such as 11<\x2f\x74>.
func fileOf(args string) string {
	_, path, _ := strings.Cut(args, "<")
	path, _, _ = strings.Cut(path, ">")
	return unhex(path)
}

func unhex(text string) string {
	data, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
	if err != nil {
		return text // what is no string, such as the name of a pipe
	}
	return string(data)
}

// digits returns those that a text begins with.
func digits(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
}
