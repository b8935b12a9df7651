package config

import (
	"fmt"
	"iter"
	"path/filepath"
	"strings"
)

// places returns what handlers and dead letters have, by its key, such as handlers[0].
func (c *Config) places() iter.Seq2[string, Place] {
	return func(yield func(string, Place) bool) {
		for i, h := range c.Handlers {
			if !yield(fmt.Sprintf("handlers[%d]", i), h.Place) {
				return
			}
		}
		yield("dead_letters", c.DeadLetters.Place)
	}
}

// RunsPrograms reports whether a handler, or what takes dead letters, is a program: those use memory besides this process.
func (c *Config) RunsPrograms() bool {
	for _, place := range c.places() {
		if place.Exec != nil {
			return true
		}
	}
	return false
}

// validateFiles notes a file that would be written to and is there for something else. Paths are compared as they are written:
// whether others lead to the same file, only the system knows.
func (c *Config) validateFiles() {
	dir, read := c.DeadLetters.Dir, c.filesRead()
	if dir != "" && filepath.Clean(dir) == "/" {
		c.bad("dead_letters.dir", "it is the root of all files; name a folder of its own")
		return
	}
	events := map[string]string{} // the handlers by their files
	for key, place := range c.places() {
		if place.File == nil {
			continue
		}
		file := filepath.Clean(place.File.Path)
		inside, err := filepath.Rel(dir, file)
		switch purpose, other := read[file], events[file]; {
		case purpose != "":
			c.bad(key+".file.path", "it is %s, which would be written over; name another", purpose)
		case key == "dead_letters" && other != "":
			c.bad(key+".file.path", "%s writes events to it; name another file for letters", other)
		case dir != "" && err == nil && filepath.IsLocal(inside):
			c.bad(key+".file.path", "it is in the folder of dead letters, which holds nothing else; name another")
		}
		events[file] = key
	}
}

// filesRead says what the files are that the configuration names to be read or run, or that the inbox lies in.
func (c *Config) filesRead() map[string]string {
	all := map[string]string{}
	for key, text := range c.texts() {
		if secretOf(key) != "" && text != "" {
			all[filepath.Clean(text)] = "the file of a secret or a certificate"
		}
	}
	for _, place := range c.places() {
		if place.Exec != nil && strings.Contains(place.Exec.Command[0], "/") { // others are looked for in PATH
			all[filepath.Clean(place.Exec.Command[0])] = "a program that a handler runs"
		}
	}
	if path := c.Inbox.path(); path != "" {
		all[path] = "the inbox"
	}
	all[filepath.Clean(c.source.file)] = "this configuration"
	return all
}
