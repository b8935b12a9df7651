package input

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Handles reads a handle from each line that is not blank: as it is, or as a JSON string.
func Handles(from io.Reader) (handles []string, err error) {
	s := &scanner{from: bufio.NewReader(from), at: Place{1, 1}}
	if err := s.encoding(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(s.from)
	for ; lines.Scan(); s.at.Line++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
			continue
		case line[0] == '"':
			if json.Unmarshal([]byte(line), &line) != nil {
				return nil, &Error{s.at, "no JSON string: a handle stands alone on its line, " + near([]byte(line))}
			}
		case line[0] == '{' || line[0] == '[':
			return nil, &Error{s.at, "this is JSON, and not one handle on a line: " +
				"jq -r '.EventSet[].EventHandle' takes them out of what pull prints"}
		}
		handles = append(handles, line)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", s.at.Line, err)
	}
	return handles, nil
}
