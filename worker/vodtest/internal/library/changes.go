package library

import (
	"encoding/json"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// maxChanges is how many bytes the events of one task flow may have together in the mode Change: each tells of the whole flow, so
// that a hundred parts with an image in each would come to a gigabyte. The API names no limit.
const maxChanges = 64 << 20

// checkChanges refuses a task flow whose events would be too large together: as many as it has parts, each at most as large as
// the last one is if nothing fails.
func checkChanges(m *media, jobs []job, o options) error {
	if o.notify != notifyChange {
		return nil
	}
	trial := &media{id: m.id, subAppID: m.subAppID, basic: m.basic, metaData: m.metaData}
	t := flowOf(trial, jobs, o)
	for _, r := range t.procedure.runs {
		r.finish(trial, nil, time.Time{})
	}
	text, err := json.Marshal(t.procedureTask())
	if err != nil {
		panic("library: " + err.Error()) // it is ours, as in emit
	}
	if len(text) > maxChanges/len(jobs) {
		return api.Refuse("InvalidParameterValue", "TasksNotifyMode is Change, and the %d events of this task flow would have more "+
			"than %d MiB together; this emulator makes no more for one request: use Finish", len(jobs), maxChanges>>20)
	}
	return nil
}
