package library

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// FuzzTaskFlows asks for task flows at random, and deletes files while they are worked on.
func FuzzTaskFlows(f *testing.F) {
	for seed := range uint64(12) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		once, order := playAtRandom(t, seed, 1)
		many, orderOfMany := playAtRandom(t, seed, 7)
		if !reflect.DeepEqual(once, many) || !slices.Equal(order, orderOfMany) {
			t.Errorf("seed %d: looking more often changes what happens: the order %v to %v", seed, order, orderOfMany)
		}
	})
}

// A played is what has become of a task.
type played struct {
	asked  string // the mode
	jobs   int
	took   time.Duration
	events []string // their Status
	shown  *api.ProcedureTask
}

// playAtRandom does what the seed says and lets time pass between two requests, in so many steps, until all is over. It
// returns what has become of the tasks, and the order in which events told of it.
func playAtRandom(t *testing.T, seed uint64, steps int) (all map[string]*played, order []string) {
	r, random := newRig(t), rand.New(rand.NewPCG(seed, 0))
	r.rules.Failures = []Failure{{Type: "Transcode", Definition: 3, Code: "InternalError"}}
	all = map[string]*played{}
	pass := func(d time.Duration) {
		from := r.now
		for i := range steps {
			r.now = from.Add(d * time.Duration(i+1) / time.Duration(steps))
			for _, e := range r.Advance(r.now) {
				order = append(order, e.Type+" "+e.FileID)
				if e.Type == "ProcedureStateChanged" {
					task := r.stateOf(e)
					order[len(order)-1] += " " + task.TaskId + " " + task.Status
					all[task.TaskId].events = append(all[task.TaskId].events, task.Status)
				}
			}
		}
	}
	begin := func() {
		for _, id := range r.Held() {
			r.Start([]string{id}, r.now)
			all[id].took = r.rules.TaskTime
		}
	}
	for range 30 {
		switch n := random.IntN(10); {
		case n < 6:
			in := &api.MediaProcessTaskInput{}
			for range 1 + random.IntN(3) {
				d := uint64(1 + random.IntN(4))
				in.TranscodeTaskSet = append(in.TranscodeTaskSet, api.TranscodeTaskInput{Definition: d})
			}
			for range random.IntN(3) {
				at := fmt.Sprintf("%ds", random.IntN(80))
				in.SnapshotByTimeOffsetTaskSet = append(in.SnapshotByTimeOffsetTaskSet,
					api.SnapshotByTimeOffsetTaskInput{Definition: 10, ExtTimeOffsetSet: []string{at}})
			}
			mode := []string{"Finish", "Change", "None"}[random.IntN(3)]
			answer, err := r.ProcessMedia(&api.ProcessMedia{FileId: r.file, MediaProcessTask: in, TasksNotifyMode: mode}, r.now)
			if err != nil {
				t.Fatal(err)
			}
			all[answer.TaskId] = &played{asked: mode, jobs: len(in.TranscodeTaskSet) + len(in.SnapshotByTimeOffsetTaskSet)}
			if random.IntN(3) > 0 {
				begin()
			}
		case n == 6:
			r.Delete(r.file, r.now)
			r.file = r.Upload("next.mp4", r.now)
		case n == 7:
			r.rules.TaskTime = time.Duration(random.Int64N(int64(time.Hour)))
		default:
			pass(time.Duration(random.Int64N(int64(time.Hour))))
		}
	}
	begin()
	pass(2 * time.Hour)
	for id, p := range all {
		checkPlayed(t, r, id, p)
	}
	if _, more := r.Next(); more || len(r.running) > 0 {
		t.Errorf("seed %d: something is due although all is over", seed)
	}
	return all, order
}

// checkPlayed checks that a task was over when it had to be, and was told of as often as asked.
func checkPlayed(t *testing.T, r *rig, id string, p *played) {
	t.Helper()
	var want []string
	switch p.asked {
	case "Change":
		want = append(slices.Repeat([]string{"PROCESSING"}, p.jobs-1), "FINISH")
	case "Finish":
		want = []string{"FINISH"}
	}
	if !slices.Equal(p.events, want) {
		t.Errorf("%s: %d jobs, %s: events %q, want %q", id, p.jobs, p.asked, p.events, want)
	}
	task := r.tasks[id]
	if task.status != finished || !task.ended.Equal(task.began.Add(p.took)) {
		t.Errorf("%s is %s, began at %v and ended at %v, want after %v", id, task.status, task.began, task.ended, p.took)
	}
	p.shown = r.shown(id)
	if len(p.shown.MediaProcessResultSet) != p.jobs {
		t.Errorf("%s has %d results, want %d", id, len(p.shown.MediaProcessResultSet), p.jobs)
	}
	previous := ""
	for _, result := range p.shown.MediaProcessResultSet {
		s := stateOf(result)
		if s.Status == "PROCESSING" || s.Progress != 100 || (s.Status == "FAIL") != (s.ErrCodeExt != "") || s.FinishTime < previous {
			t.Errorf("%s: result %+v", id, s)
		}
		previous = s.FinishTime
	}
	if previous != format(task.ended) {
		t.Errorf("%s: the last result is of %s, the end is at %s", id, previous, format(task.ended))
	}
}

func TestATaskIsForgottenThreeDaysAfterItWasMade(t *testing.T) {
	r := newRig(t)
	r.rules.TaskTime = 4 * 24 * time.Hour // nor does one that goes on keep others
	r.ask(&api.ProcessMedia{MediaProcessTask: oneTranscode()})
	r.rules.TaskTime = time.Minute
	r.now = r.now.Add(time.Second)
	id := r.ask(&api.ProcessMedia{MediaProcessTask: oneTranscode()})
	file := r.media[r.file]

	r.pass(taskLife - 1)
	if r.shown(id); len(file.tasks) != 1 || len(r.tasks) != 1 {
		t.Errorf("just before that the file has %d tasks, and the library %d", len(file.tasks), len(r.tasks))
	}
	r.pass(1)
	if _, err := r.DescribeTaskDetail(&api.DescribeTaskDetail{TaskId: id}, r.now); codeOf(err) != "InvalidParameterValue.TaskId" {
		t.Errorf("then it is answered with %v", err)
	}
	if len(file.tasks) != 0 || len(r.tasks) != 0 || r.byAge.Len() != 0 {
		t.Errorf("kept are %d, %d and %d tasks", len(file.tasks), len(r.tasks), r.byAge.Len())
	}
	if events := r.pass(24 * time.Hour); len(events) != 1 || r.stateOf(events[0]).Status != "FINISH" {
		t.Errorf("the one that went on has the events %v", events)
	}
}

func TestAPullThatIsForgottenIsNoTaskOfItsFile(t *testing.T) {
	r := newRig(t)
	r.rules.TaskTime = 4 * 24 * time.Hour
	if _, err := r.PullUpload(&api.PullUpload{MediaUrl: "https://example.com/a.mp4"}, r.now); err != nil {
		t.Fatal(err)
	}
	r.Start(r.Held(), r.now)
	r.pass(taskLife)
	if events := r.pass(24 * time.Hour); len(events) != 1 || events[0].Type != "PullComplete" {
		t.Errorf("there are %v", events)
	}
	if n := len(r.media[r.LastFile()].tasks); r.LastFile() == r.file || n > 0 {
		t.Errorf("the file %s has %d tasks", r.LastFile(), n)
	}
}
