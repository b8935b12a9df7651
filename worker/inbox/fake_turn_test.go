package inbox

import (
	"cmp"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

func (f *fake) turn(t store.Turn) (done store.Done) {
	now := time.Now()
	if _, is := f.processes[t.Me]; !is && !t.Join {
		return store.Done{Lost: true}
	}
	if t.Beat {
		f.processes[t.Me] = now
		done.Jumped, f.jumps = f.jumps, false
	}
	if t.GiveBack && !done.Jumped {
		f.giveBack(now, &done)
	}
	for _, j := range f.jobs {
		if t.Forgotten && j.State == store.Running && j.Owner == t.Me && !slices.Contains(t.Held, store.Ref{Job: j.Number, Run: j.Run}) {
			j.giveBack()
			j.Starts--
		}
	}
	for _, e := range t.Events {
		if f.put(e, now) {
			done.Stored++
		}
	}
	for _, end := range t.Ends {
		f.end(end, now)
	}
	for _, c := range t.Claims {
		c.Suspect = c.Suspect && !slices.ContainsFunc(slices.Concat(done.Claimed...), func(j store.Job) bool { return j.Starts > store.Suspect })
		done.Claimed = append(done.Claimed, f.claim(t.Me, c, now))
	}
	if t.Leave {
		for _, j := range f.jobs {
			if j.State == store.Running && j.Owner == t.Me {
				j.giveBack()
				j.Starts--
			}
		}
		delete(f.processes, t.Me)
	}
	return done
}

func (f *fake) giveBack(now time.Time, done *store.Done) {
	for id, seen := range f.processes {
		if now.Sub(seen) >= store.Silence {
			delete(f.processes, id)
		}
	}
	for _, j := range f.jobs {
		if _, lives := f.processes[j.Owner]; lives || j.State != store.Running {
			continue
		}
		done.Gave++
		j.giveBack()
		if j.Starts >= store.MaxStarts {
			j.State, j.at, j.Reason = store.Dead, now, string(worker.ReasonCrashes)
			done.Dead = append(done.Dead, j.seen(now))
		}
	}
}

// giveBack has a job wait in front of what was stored since.
func (j *fakeJob) giveBack() { j.State, j.Owner, j.at = store.Waiting, "", j.stored }

func (f *fake) put(e store.Event, now time.Time) bool {
	_, is := f.events[e.ID]
	if is && e.Reason == "" {
		return false
	}
	f.events[e.ID] = e
	for _, handler := range e.Handlers {
		there := func(j *fakeJob) bool { return j.Event.ID == e.ID && j.Handler == handler }
		if is && (handler == "" || slices.ContainsFunc(f.jobs, there)) {
			continue
		}
		j := &fakeJob{Job: store.Job{Number: int64(len(f.jobs) + 1), Handler: handler, Event: e}, at: now, stored: now}
		j.Event.Handlers, j.Event.Reason = nil, ""
		if e.Reason != "" {
			j.State, j.Reason = store.Dead, e.Reason
			j.know(e.Failed, now)
		}
		f.jobs = append(f.jobs, j)
	}
	return !is
}

func (j *fakeJob) know(failed store.Failures, now time.Time) {
	j.Failed, j.first, j.last = failed, now.Add(-failed.First), now.Add(-failed.Last)
}

func (j *fakeJob) seen(now time.Time) store.Job {
	job := j.Job
	if job.Failed.Count > 0 {
		job.Failed.First, job.Failed.Last = now.Sub(j.first), now.Sub(j.last)
	}
	return job
}

func (f *fake) end(end store.End, now time.Time) {
	j := f.jobs[end.Job-1]
	running := j.State == store.Running && j.Run == end.Run
	switch {
	case end.To == store.Finished && j.Run == end.Run && (running || j.State == store.Waiting):
		j.State, j.Owner, j.at, j.Starts = store.Finished, "", now, 0
	case end.To != store.Finished && running:
		j.State, j.Owner, j.at, j.Starts, j.Reason = end.To, "", now.Add(end.After), 0, end.Reason
		j.know(end.Failed, now)
	}
}

func (f *fake) claim(me string, c store.Claim, now time.Time) (claimed []store.Job) {
	var due []*fakeJob
	for _, j := range f.jobs {
		if j.Handler == c.Handler && j.State == store.Waiting && !j.at.After(now) {
			due = append(due, j)
		}
	}
	slices.SortStableFunc(due, func(a, b *fakeJob) int {
		if c.Least && a.Failed.Count != b.Failed.Count {
			return cmp.Compare(a.Failed.Count, b.Failed.Count)
		}
		return a.at.Compare(b.at)
	})
	suspects := 0
	for _, j := range due {
		if j.Starts >= store.Suspect {
			if !c.Suspect || suspects > 0 {
				continue
			}
			suspects++
		}
		if len(claimed) == c.Most {
			break
		}
		j.State, j.Owner, j.at = store.Running, me, now
		j.Run++
		j.Starts++
		claimed = append(claimed, j.seen(now))
	}
	return claimed
}
