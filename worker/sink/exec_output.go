package sink

import (
	"strings"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	maxOutput = 8 << 10 // bytes of a run's output that are logged

	// maxBefore is how much of what was printed before them is kept too: a secret may begin there.
	maxBefore = 4 << 10
)

// logOutput logs what a run printed at its end, if it did, of so many bytes in all; err is how it ended.
func (x *Exec) logOutput(e events.Event, printed string, total int, err error) {
	if total == 0 {
		return
	}
	line := x.log.Info()
	if err != nil && !isTempFail(err) && !x.passing {
		line = x.log.Warn()
	}
	line = line.Str("program", x.name).Str("type", string(e.Type)).Str("file", e.FileID()).Str("task", e.TaskID()).
		Str("output", strings.ToValidUTF8(strings.TrimRight(printed, "\n"), "\uFFFD"))
	if cut := total - maxOutput; cut > 0 {
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
	const most = maxBefore + maxOutput
	n := len(p)
	t.total += n
	if n > most {
		p = p[n-most:]
	}
	if over := len(t.kept) + len(p) - most; over > 0 {
		t.kept = t.kept[:copy(t.kept, t.kept[over:])]
	}
	t.kept = append(t.kept, p...)
	return n, nil
}

// end returns the end of what was written, without secrets.
func (t *tail) end(hide *secrets) string {
	return hide.blank(t.kept, max(0, len(t.kept)-maxOutput), len(t.kept))
}

// lastPrinted returns the last line that is not blank, as an error may show it.
func lastPrinted(text string) string {
	text = strings.TrimSpace(text)
	return say.OneLine(text[strings.LastIndexByte(text, '\n')+1:], maxSnippet)
}
