package sink

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// machines are those whose programs this system runs.
var machines = map[string][]elf.Machine{
	"386": {elf.EM_386}, "amd64": {elf.EM_X86_64, elf.EM_386}, "arm": {elf.EM_ARM}, "arm64": {elf.EM_AARCH64, elf.EM_ARM},
}

// unfitELF looks at the machine that a program is for, and at what loads it: that of another libc is missing.
func unfitELF(program io.ReaderAt, others kinds, found func(name string) error) error {
	machine, loader, err := readELF(program)
	if err != nil {
		return errors.New("it is a program, but damaged: was it copied whole?")
	}
	if runs, known := machines[runtime.GOARCH]; known && !slices.Contains(runs, machine) {
		if others != onlyOwn {
			return nil
		}
		name := strings.ToLower(strings.TrimPrefix(machine.String(), "EM_"))
		return fmt.Errorf("it is a program for another machine, %s: take the one for %s", name, runtime.GOARCH)
	}
	if loader != "" && found(loader) != nil {
		return fmt.Errorf("what loads it, %s, is not here: it was built for another kind of Linux", loader)
	}
	return nil
}

// readELF returns the machine that a program is for, and what loads it; nothing if the kernel does. elf.NewFile tells too, and takes
// along what unpacks and debugs programs: 130 KiB.
func readELF(program io.ReaderAt) (machine elf.Machine, loader string, err error) {
	const most = 4096 // bytes of the table of parts, and of the name of what loads it
	head := make([]byte, 64)
	if _, err := program.ReadAt(head, 0); err != nil {
		return 0, "", err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[elf.EI_DATA] == byte(elf.ELFDATA2MSB) {
		order = binary.BigEndian
	}
	wide := head[elf.EI_CLASS] == byte(elf.ELFCLASS64)
	word := func(in []byte, narrow, at int) int64 { // where it is in 32 and in 64 bits
		if wide {
			return int64(order.Uint64(in[at:]))
		}
		return int64(order.Uint32(in[narrow:]))
	}
	sizes, least := head[42:], 32
	if wide {
		sizes, least = head[54:], 56
	}
	size, n := int(order.Uint16(sizes)), int(order.Uint16(sizes[2:]))
	machine = elf.Machine(order.Uint16(head[18:]))
	if n == 0 {
		return machine, "", nil
	}
	if size < least || size*n > 16*most {
		return 0, "", errors.New("no table of parts")
	}
	parts := make([]byte, size*n)
	if _, err := program.ReadAt(parts, word(head, 28, 32)); err != nil {
		return 0, "", err
	}
	for part := range slices.Chunk(parts, size) {
		length := word(part, 16, 32)
		if elf.ProgType(order.Uint32(part)) != elf.PT_INTERP || length < 0 || length > most {
			continue
		}
		text := make([]byte, length)
		if _, err := program.ReadAt(text, word(part, 4, 8)); err != nil {
			return 0, "", err
		}
		return machine, strings.TrimRight(string(text), "\x00"), nil
	}
	return machine, "", nil
}
