package config

import (
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
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

// filesRead says what the files are that the configuration names to be read or run.
func (c *Config) filesRead() map[string]string {
	files, programs := slices.Clone(c.Callback.SignKeysFile), []string(nil)
	files = append(files, c.VOD.CAFile, c.Callback.SignKeyFile, c.Callback.TLS.CertFile, c.Callback.TLS.KeyFile)
	if of := c.VOD.Credentials; of != nil {
		files = append(files, of.SecretIDFile, of.SecretKeyFile, of.TokenFile)
	}
	for _, place := range c.places() {
		if place.Webhook != nil {
			hook := place.Webhook
			files = append(files, hook.SecretFile, hook.CAFile, hook.CertFile, hook.KeyFile)
			files = slices.AppendSeq(files, maps.Values(hook.HeadersFile))
		}
		if place.Exec != nil && strings.Contains(place.Exec.Command[0], "/") { // others are looked for in PATH
			programs = append(programs, place.Exec.Command[0])
		}
	}
	all := map[string]string{}
	for _, file := range files {
		all[filepath.Clean(file)] = "the file of a secret or a certificate"
	}
	for _, file := range programs {
		all[filepath.Clean(file)] = "a program that a handler runs"
	}
	delete(all, ".") // of those that are not given
	all[filepath.Clean(c.source.file)] = "this configuration"
	return all
}
