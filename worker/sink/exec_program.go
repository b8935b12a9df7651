package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// findProgram returns the absolute path of a program that can be started, as far as can be seen without doing so.
func findProgram(name string) (string, error) {
	file, err := exec.LookPath(name)
	if err == nil {
		file, err = filepath.Abs(file)
	}
	if err != nil {
		return "", fmt.Errorf("exec: %s: %w", name, missing(err, name))
	}
	if err := startable(file); err != nil {
		return "", fmt.Errorf("exec: %s: %w", name, err)
	}
	return file, nil
}

// missing says why there is no program of this name, and what to do.
func missing(err error, name string) error {
	if info, statErr := os.Stat(name); statErr == nil && info.IsDir() {
		return errors.New("it is a folder: name the program in it")
	}
	looked, ok := errors.AsType[*exec.Error](err)
	switch {
	case !ok:
		return err
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: chmod +x %s", fs.ErrPermission, name)
	case errors.Is(err, exec.ErrNotFound) && !strings.Contains(name, "/"):
		return fmt.Errorf("%w: install it, or write its whole path", exec.ErrNotFound)
	case errors.Is(err, exec.ErrDot):
		return fmt.Errorf("it is in the working directory: write ./%s", name)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: look at its path", fs.ErrNotExist)
	}
	return looked.Err
}

// startable looks at how a program begins. A program that the system refuses once, it refuses for every event. Somebody who may
// execute a program need not be allowed to read it, so one that can't be read passes.
func startable(file string) error {
	program, _ := os.Open(file)
	if program == nil {
		return nil
	}
	defer func() { _ = program.Close() }()
	return unfit(program, otherKinds("/proc/sys/fs/binfmt_misc"), func(name string) error {
		_, err := exec.LookPath(name)
		return err
	})
}

// kinds says whether Linux has been told how to run more kinds of programs than its own, such as another machine's.
type kinds int

const (
	onlyOwn   kinds = iota
	maybeMore       // as in most containers, which do not see what their host was told
	more
)

// otherKinds looks at where Linux shows what it has been told.
func otherKinds(dir string) kinds {
	entries, _ := os.ReadDir(dir)
	switch { // its own are register and status
	case len(entries) == 0:
		return maybeMore
	case len(entries) > 2:
		return more
	}
	return onlyOwn
}

// unfit says why a program can't be started, by how it begins; nil if it can. others are programs that are neither of this
// system nor begin with #!. found looks for an interpreter.
func unfit(program io.ReaderAt, others kinds, found func(name string) error) error {
	head := make([]byte, 512)
	n, err := program.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	script, isScript := bytes.CutPrefix(head, []byte("#!"))
	switch {
	case len(head) == 0:
		return errors.New("the file is empty")
	case isScript:
		line, _, _ := bytes.Cut(script, []byte("\n"))
		return unfitScript(string(line), found)
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf#!")):
		return errors.New("a byte order mark stands before #!: save it without one, as UTF-8")
	case bytes.HasPrefix(head, []byte("\x7fELF")) && runtime.GOOS == "linux":
		return unfitELF(program, others, found)
	case others == more || runtime.GOOS != "linux":
		return nil
	case bytes.HasPrefix(head, []byte("MZ")):
		return errors.New("it is a program for Windows")
	case bytes.HasPrefix(head, []byte("\xcf\xfa\xed\xfe")), bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")):
		return errors.New("it is a program for macOS")
	}
	return errors.New("its first line does not say what runs it: write one such as #!/bin/sh")
}

// unfitScript looks at what stands behind #!.
func unfitScript(line string, found func(name string) error) error {
	if strings.HasSuffix(line, "\r") {
		return errors.New(`its lines end as on Windows, with \r\n, so that nothing runs it: sed -i 's/\r$//' makes them end with \n`)
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return errors.New("its first line does not say what runs it: write one such as #!/bin/sh")
	}
	if !strings.Contains(words[0], "/") {
		return fmt.Errorf("its first line names %s, which is no whole path: write one such as #!/usr/bin/env %[1]s", words[0])
	}
	if err := found(words[0]); err != nil {
		return fmt.Errorf("its first line names %s, and there is no such program: install it, or name another", words[0])
	}
	if path.Base(words[0]) != "env" {
		return nil
	}
	return unfitEnv(words[1:], found)
}

// unfitEnv looks at what env is to run. Linux hands it all that follows as one word, which it takes apart only with -S.
func unfitEnv(words []string, found func(name string) error) error {
	split := len(words) > 0 && strings.HasPrefix(words[0], "-S")
	switch {
	case split:
		words[0] = strings.TrimPrefix(words[0], "-S")
	case len(words) > 1 && runtime.GOOS == "linux":
		return fmt.Errorf("its first line hands env more than one word: write #!/usr/bin/env -S %s", strings.Join(words, " "))
	}
	for _, word := range words {
		switch {
		case word == "" || split && strings.Contains(word, "="):
			continue
		case strings.HasPrefix(word, "-") || strings.ContainsAny(word, `"'\$`):
			return nil // what that means is env's to know
		case found(word) != nil:
			return fmt.Errorf("its first line names %s, and there is no such program in PATH: install it, or name another", word)
		}
		return nil
	}
	return errors.New("its first line hands env no program: write one such as #!/usr/bin/env python3")
}
