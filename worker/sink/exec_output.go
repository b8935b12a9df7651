package sink

import (
	"bytes"
	"strings"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const maxOutput = 8 << 10 // bytes of a run's output that are logged

// logOutput logs what a run printed, if it did; err is how it ended.
func (x *Exec) logOutput(e events.Event, output *tail, err error) {
	if output.total == 0 {
		return
	}
	line := x.log.Info()
	if err != nil && !isTempFail(err) && !x.passing {
		line = x.log.Warn()
	}
	line = line.Str("program", x.name).Str("type", string(e.Type)).Str("file", e.FileID()).Str("task", e.TaskID()).
		Str("output", strings.ToValidUTF8(strings.TrimRight(string(output.kept), "\n"), "\uFFFD"))
	if cut := output.total - len(output.kept); cut > 0 {
		line = line.Int("bytes_before", cut)
	}
	line.Msg("the program printed")
}

// A tail keeps the end of what is written to it, where the reason of a failure stands.
type tail struct {
	kept  []byte
	total int
}

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	t.total += n
	if n > maxOutput {
		p = p[n-maxOutput:]
	}
	if over := len(t.kept) + len(p) - maxOutput; over > 0 {
		t.kept = t.kept[:copy(t.kept, t.kept[over:])]
	}
	t.kept = append(t.kept, p...)
	return n, nil
}

// lastLine returns the last line that is not blank, as an error may show it.
func (t *tail) lastLine() string {
	text := bytes.TrimSpace(t.kept)
	return say.OneLine(string(text[bytes.LastIndexByte(text, '\n')+1:]), maxSnippet)
}
