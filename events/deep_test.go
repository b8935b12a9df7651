package events_test

import (
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
)

// Nobody but an attacker nests this deep. A recursive reader would take the process with it: a stack overflow is not
// a panic that could be recovered.
func TestDeepNestingHarmsNothing(t *testing.T) {
	const levels = 100_000
	for name, content := range map[string]string{
		"lists":           strings.Repeat("[", levels) + strings.Repeat("]", levels),
		"objects":         strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels),
		"file IDs":        strings.Repeat(`{"FileInfoSet":[`, levels/2) + strings.Repeat("]}", levels/2),
		"lists, unclosed": strings.Repeat("[", levels),
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"EventType":"PullComplete","X":` + content + `,"PullCompleteEvent":{"FileId":` + content + `,"TaskId":"t"}}`
			read := func(raw string) events.Event {
				t.Helper()
				split := events.Split([]byte("[" + raw + "]"))
				if len(split) != 1 || string(split[0].Raw) != raw {
					t.Fatal("the event was not found whole")
				}
				return split[0]
			}
			if _, err := events.Decode([]byte(body)); err == nil {
				t.Error("decoded")
			}
			if strings.HasSuffix(name, "unclosed") {
				events.Split([]byte("[" + body + "]"))
				raw(body).Key()
				raw(body).FileID()
				return
			}
			e, again := read(`{"EventHandle":"1",`+body[1:]), read(`{"EventHandle":"2",`+body[1:])
			if e.Handle != "1" || e.Type != events.PullComplete || e.TaskID() != "t" || e.FileID() != "" {
				t.Errorf("got handle %q, type %q, task %q, file %q", e.Handle, e.Type, e.TaskID(), e.FileID())
			}
			if string(e.Body()) != body {
				t.Error("the body is another")
			}
			if e.Key() != again.Key() {
				t.Error("the key changes from delivery to delivery")
			}
			if _, err := e.Content(); err == nil {
				t.Error("there is content")
			}
		})
	}
}
