package sink

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// program returns an ELF program of 64 bits for a machine, with a loader unless it is empty.
func program(machine elf.Machine, loader string) string {
	var out bytes.Buffer
	header := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT),
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	copy(header.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	part := elf.Prog64{Type: uint32(elf.PT_LOAD), Off: 120, Filesz: uint64(len(loader))}
	if loader != "" {
		part.Type = uint32(elf.PT_INTERP)
	}
	_ = binary.Write(&out, binary.LittleEndian, header)
	_ = binary.Write(&out, binary.LittleEndian, part)
	return out.String() + loader
}

// ours is this machine, foreign another.
func machinesHere(t *testing.T) (ours, foreign elf.Machine) {
	if runtime.GOOS != "linux" || machines[runtime.GOARCH] == nil {
		t.Skip("programs are looked into on Linux")
	}
	if ours = machines[runtime.GOARCH][0]; ours == elf.EM_S390 {
		return ours, elf.EM_AARCH64
	}
	return ours, elf.EM_S390
}

func TestAProgramThatCannotBeStartedIsSeenByHowItBegins(t *testing.T) {
	ours, foreign := machinesHere(t)
	here := []string{"/bin/sh", "/usr/bin/env", "python3", "/lib/ld.so"}
	found := func(name string) error {
		for _, one := range here {
			if one == name {
				return nil
			}
		}
		return errors.New("not here")
	}
	for text, want := range map[string]string{
		"#!/bin/sh":                                   "",
		"#!/bin/sh\necho\r\n":                         "",
		"#! /bin/sh -e\n":                             "",
		"#!/usr/bin/env python3\n":                    "",
		"#!/usr/bin/env -S python3 -u\n":              "",
		"#!/usr/bin/env -S A=b python3\n":             "",
		"#!/usr/bin/env -Spython3 -u\n":               "",
		"#!/usr/bin/env -S -i python3\n":              "",
		"#!/usr/bin/env -S ${SHELL}\n":                "",
		program(ours, ""):                             "",
		program(ours, "/lib/ld.so\x00"):               "",
		"":                                            "the file is empty",
		"\xef\xbb\xbf#!/bin/sh\n":                     "byte order mark",
		"#!/bin/sh\r\necho\r\n":                       `sed -i 's/\r$//'`,
		"#!\n":                                        "write one such as #!/bin/sh",
		"#!sh\n":                                      "write one such as #!/usr/bin/env sh",
		"#!/bin/bash\n":                               "names /bin/bash, and there is no such program",
		"#!/usr/bin/env node\n":                       "names node, and there is no such program in PATH",
		"#!/usr/bin/env -S node --no-warnings\n":      "names node, and there is no such program in PATH",
		"#!/usr/bin/env python3 -u\n":                 "write #!/usr/bin/env -S python3 -u",
		"#!/usr/bin/env\n":                            "hands env no program",
		"#!/usr/bin/env -S A=b\n":                     "hands env no program",
		"echo hello\n":                                "write one such as #!/bin/sh",
		"MZ\x90\x00":                                  "a program for Windows",
		"\xcf\xfa\xed\xfe\x07\x00":                    "a program for macOS",
		program(foreign, ""):                          "another machine, s390: take the one for " + runtime.GOARCH,
		program(ours, "/lib/ld-musl-x86_64.so.1\x00"): "what loads it, /lib/ld-musl-x86_64.so.1, is not here",
		program(ours, "")[:40]:                        "damaged",
	} {
		err := unfit(strings.NewReader(text), onlyOwn, found)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// Linux can be told to run programs of other kinds: they are not refused then.
func TestProgramsOfOtherKindsMayBeRun(t *testing.T) {
	_, foreign := machinesHere(t)
	for _, text := range []string{program(foreign, ""), "MZ\x90\x00", "\xca\xfe\xba\xbe", "odd"} {
		if err := unfit(strings.NewReader(text), more, nil); err != nil {
			t.Errorf("%.4q: got %v", text, err)
		}
	}
}

// A container does not see what its host was told, and runs another machine's programs if the host does.
func TestInAContainerOnlyProgramsOfOtherMachinesMayBeRun(t *testing.T) {
	_, foreign := machinesHere(t)
	for text, fit := range map[string]bool{program(foreign, ""): true, "MZ\x90\x00": false, "odd": false} {
		if err := unfit(strings.NewReader(text), maybeMore, nil); (err == nil) != fit {
			t.Errorf("%.4q: got %v", text, err)
		}
	}
	dir := t.TempDir()
	for _, step := range []struct {
		name string
		want kinds
	}{{"", maybeMore}, {"register", onlyOwn}, {"status", onlyOwn}, {"qemu-s390x", more}} {
		if step.name != "" {
			if err := os.WriteFile(filepath.Join(dir, step.name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := otherKinds(dir); got != step.want {
			t.Errorf("with %q: %v, want %v", step.name, got, step.want)
		}
	}
	if got := otherKinds(filepath.Join(dir, "missing")); got != maybeMore {
		t.Errorf("without a folder: %v", got)
	}
}

func TestEveryProgramHereIsFoundFit(t *testing.T) {
	tried := 0
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		files, _ := os.ReadDir(dir)
		for _, file := range files {
			name := filepath.Join(dir, file.Name())
			info, err := os.Stat(name)
			if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
				continue
			}
			tried++
			if _, err := findProgram(name); err != nil && !strings.Contains(err.Error(), "its first line") {
				t.Error(err)
			}
		}
	}
	t.Logf("%d programs", tried)
}

func TestAMissingProgramSaysWhatToDo(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, err := range []error{
		os.WriteFile("plain.sh", []byte("#!/bin/sh\n"), 0o600), os.Mkdir("folder", 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"./plain.sh":      "exec: ./plain.sh: permission denied: chmod +x ./plain.sh",
		"./missing.sh":    "exec: ./missing.sh: file does not exist: look at its path",
		"./folder":        "exec: ./folder: it is a folder: name the program in it",
		"no-such-program": "exec: no-such-program: executable file not found in $PATH: install it, or write its whole path",
	} {
		if _, err := findProgram(name); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if _, err := findProgram("./missing.sh"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("that the file is missing can't be told")
	}
}
