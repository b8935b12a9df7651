package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxHalf is how many bytes may stand behind the last line end: no event is longer.
const maxHalf = 64 << 20

// errForeign says that a file was named by mistake. What is in it may be secret, and is not shown.
var errForeign = errors.New("it holds something else than events; name another file")

// lastLine returns what stands behind the last line end, which is half a line of ours or nothing, and the file's size. It
// fails with errForeign if that does not begin as our lines do: then it is not ours to remove.
func lastLine(file *os.File) (last []byte, size int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	size = info.Size()
	for chunk := int64(1); ; chunk = min(2*chunk, maxHalf) {
		from := max(0, size-chunk)
		last = make([]byte, size-from)
		if _, err := file.ReadAt(last, from); err != nil {
			return nil, 0, fmt.Errorf("read its end: %w", err)
		}
		if end := bytes.LastIndexByte(last, '\n'); end >= 0 {
			last = last[end+1:]
			break
		}
		if from == 0 {
			break
		}
		if chunk == maxHalf {
			return nil, 0, errForeign
		}
	}
	if !begins(last) {
		return nil, 0, errForeign
	}
	return last, size, nil
}

// startsAsOurs fails with errForeign if a file does not begin with an event. Only a start asks for that: an event that VOD
// has broken is written as it is.
func startsAsOurs(file *os.File) error {
	first := make([]byte, 1)
	switch _, err := file.ReadAt(first, 0); {
	case errors.Is(err, io.EOF): // it is empty
		return nil
	case err != nil:
		return fmt.Errorf("read its beginning: %w", err)
	case !begins(first):
		return errForeign
	}
	return nil
}

// begins reports whether a line may be one of ours: an event is an object of JSON, and what a loss of power has left of one
// may be zeros.
func begins(line []byte) bool {
	return len(line) == 0 || line[0] == '{' || len(bytes.Trim(line, "\x00")) == 0
}
