package library

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// kinds are all kinds of job, in the order in which the API lists them.
var kinds = []kind{transcode, animated, snapshot, sample, sprite, cover, adaptive}

// A job is one thing that a task flow makes of a file, of whatever kind.
type job interface {
	// kind and template say what is to be made.
	kind() string
	template() uint64

	// start returns a run of the job in a task. It is the nth for its template there, counted from 0.
	start(nth int) run
}

// A run is a job in one task. It has a result from the start.
type run interface {
	job
	result() api.MediaProcessTaskResult
	view() ResultView
	begin(now time.Time)

	// finish makes what is to be made of a file, or fails.
	finish(m *media, failure *Failure, now time.Time)
}

// A kindOf is a kind of job: how its inputs and outputs are called, and what it makes.
type kindOf[Input, Output any] struct {
	name       string // as the API calls it in results
	set        string // as the API calls it in requests
	definition func(*Input) uint64
	inputs     func(*api.MediaProcessTaskInput) []Input
	only       func(definition uint64) Input // the input that asks for no more than this template
	check      func(path string, in *Input) error
	fill       func(*Input) // lists that VOD shows as empty, rather than null
	make       func(at target, in *Input) (*Output, *Failure)
	keep       func(m *media, out Output) // with the file
	kept       func(m *media) []MadeView  // what there is of it with a file, for who looks at it
	member     func(*api.MediaProcessTaskResult, *api.Result[Input, Output])
}

// A target is the file that something is made of. What several jobs of a task make with one template has URLs of its own: the
// second job's begin with 1, and so on. What another task makes replaces what has the same URL, and nothing else.
type target struct {
	*media
	nth int // for this template
}

func (t target) url(name string) string {
	if t.nth > 0 {
		name = fmt.Sprintf("%d/%s", t.nth, name)
	}
	return t.media.url(name)
}

// maxJobs is how much one request may ask for, since all of it is kept. The API names no limit.
const maxJobs = 100

// jobsOf returns what a request asks for, in the order in which the API lists the kinds.
func jobsOf(in *api.MediaProcessTaskInput) ([]job, error) {
	var jobs []job
	if in != nil {
		for _, kind := range kinds {
			more, err := kind.jobs(in)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, more...)
		}
	}
	switch {
	case len(jobs) == 0:
		return nil, api.Refuse("InvalidParameterValue", "MediaProcessTask asks for nothing")
	case len(jobs) > maxJobs:
		return nil, api.Refuse("InvalidParameterValue",
			"MediaProcessTask asks for %d things; this emulator makes at most %d for one request", len(jobs), maxJobs)
	}
	return jobs, nil
}

// A kind is a kindOf, whatever its inputs and outputs.
type kind interface {
	called() string
	jobs(*api.MediaProcessTaskInput) ([]job, error)
	job(definition uint64) job
	made(*media) []MadeView
}

func (k *kindOf[I, O]) called() string { return k.name }

func (k *kindOf[I, O]) made(m *media) []MadeView { return k.kept(m) }

func (k *kindOf[I, O]) jobs(in *api.MediaProcessTaskInput) ([]job, error) {
	var jobs []job
	for i, input := range k.inputs(in) {
		path := fmt.Sprintf("MediaProcessTask.%s.%d.", k.set, i)
		if d := k.definition(&input); d == 0 || d > maxTemplate {
			return nil, api.Refuse("InvalidParameterValue", "%sDefinition is %d, which is no template", path, d)
		}
		if err := k.check(path, &input); err != nil {
			return nil, err
		}
		jobs = append(jobs, k.jobOf(input))
	}
	return jobs, nil
}

func (k *kindOf[I, O]) job(definition uint64) job { return k.jobOf(k.only(definition)) }

func (k *kindOf[I, O]) jobOf(input I) job {
	k.fill(&input)
	return &jobOf[I, O]{k, input}
}

type jobOf[I, O any] struct {
	of    *kindOf[I, O]
	input I // which never changes
}

func (j *jobOf[I, O]) kind() string     { return j.of.name }
func (j *jobOf[I, O]) template() uint64 { return j.of.definition(&j.input) }

func (j *jobOf[I, O]) start(nth int) run {
	return &runOf[I, O]{j, nth, api.Result[I, O]{Status: processing, Input: &j.input}}
}

type runOf[I, O any] struct {
	*jobOf[I, O]
	nth  int
	made api.Result[I, O]
}

func (r *runOf[I, O]) result() api.MediaProcessTaskResult {
	made := r.made // what is returned stays as it is
	result := api.MediaProcessTaskResult{Type: r.of.name}
	r.of.member(&result, &made)
	return result
}

func (r *runOf[I, O]) begin(now time.Time) { r.made.BeginProcessTime = format(now) }

func (r *runOf[I, O]) finish(m *media, failure *Failure, now time.Time) {
	r.made.Progress, r.made.FinishTime = 100, format(now)
	var output *O
	if failure == nil {
		output, failure = r.of.make(target{m, r.nth}, &r.input)
	}
	if failure != nil {
		r.made.Status = "FAIL"
		r.made.ErrCode, r.made.ErrCodeExt, r.made.Message = failure.number(), failure.Code, failure.message()
		return
	}
	r.made.Status, r.made.Message, r.made.Output = "SUCCESS", "SUCCESS", output
	r.of.keep(m, *output)
	m.basic.UpdateTime = format(now)
}

func kindNamed(name string) kind {
	for _, kind := range kinds {
		if kind.called() == name {
			return kind
		}
	}
	return nil
}

func kindNames() string {
	all := make([]string, len(kinds))
	for i, kind := range kinds {
		all[i] = kind.called()
	}
	return strings.Join(all, ", ")
}

func parseTemplate(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || n > maxTemplate {
		return 0, fmt.Errorf("%.60q is no template; it must be a number from 1 to %d", text, maxTemplate)
	}
	return n, nil
}
