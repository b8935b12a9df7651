package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// How long a Pull waits for jobs: as VOD's does. A drain asks the database first, and what it lacks then is not there: it is
// held only as long as a worker needs to take an empty answer for final.
const (
	holdFor      = 5 * time.Second
	drainHoldFor = time.Second
)

// A keeper hands a handler's jobs to its worker: it is that one's worker.Keeper. Its fields, but for the first three, are
// under the hub's mu.
type keeper struct {
	hub     *hub
	handler worker.Handler
	most    int // jobs that may be out

	asks []*ask // in the order in which they are served: one turn serves all that there is room for
	ripe bool   // jobs may wait: the last claim brought all that it asked for, or something has happened since it was begun
	down bool   // the handler is: those that have failed least are claimed first
	out  map[string]*run

	signal   context.Context // no Pull is held any longer when it ends
	draining bool
	round    int // counted up when a Run or Drain ends
}

// An ask is a Pull that waits.
type ask struct {
	of     *keeper
	answer chan worker.Batch // of one place
	last   bool              // it does not wait beyond this turn
	looked bool              // a turn has found nothing for it
	round  int               // of the keeper, when it was made
}

// Pull claims jobs. In a drain it fails while the database does, so that the drain gives up; else the hub is who says so.
// Nor does it tell a drain that nothing is there before a turn has looked, however slow the database is.
func (k *keeper) Pull(ctx context.Context) (worker.Batch, error) {
	k.hub.mu.Lock()
	if ctx.Err() != nil { // nobody listens any more
		k.hub.mu.Unlock()
		return worker.Batch{}, say.Ended(ctx)
	}
	a := &ask{of: k, answer: make(chan worker.Batch, 1), round: k.round}
	signal, holdFor := k.signal, holdFor
	if k.draining {
		k.ripe, holdFor = true, drainHoldFor
	}
	k.asks = append(k.asks, a)
	k.hub.mu.Unlock()
	k.hub.stir()
	hold := time.NewTicker(holdFor)
	defer hold.Stop()
	for {
		select {
		case batch := <-a.answer:
			return batch, nil
		case <-hold.C:
			if k.mustLook(a) {
				continue
			}
		case <-signal.Done():
		case <-ctx.Done():
		}
		return k.giveUp(a)
	}
}

// mustLook reports whether it is not known yet if there is something for an ask, and somebody is going to look.
func (k *keeper) mustLook(a *ask) bool {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	return k.draining && !a.looked && k.hub.failing == nil && !k.hub.closed && len(k.out) < k.most
}

// giveUp ends an ask. If it is part of a turn it waits for that, which may bring jobs.
func (k *keeper) giveUp(a *ask) (worker.Batch, error) {
	k.hub.mu.Lock()
	a.last = true
	i := slices.Index(k.asks, a)
	if i >= 0 {
		k.asks = slices.Delete(k.asks, i, i+1)
		a.answer <- worker.Batch{}
	}
	k.hub.mu.Unlock()
	batch := <-a.answer
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	if len(batch.Events) == 0 && k.draining && k.hub.failing != nil {
		return batch, k.hub.failing
	}
	return batch, nil
}

// next takes the asks that are to be part of a turn, if jobs may wait and there is room, and returns for how many.
func (k *keeper) next() (asks []*ask, most int) {
	room := k.most - len(k.out)
	if len(k.asks) == 0 || !k.ripe || room <= 0 {
		return nil, 0
	}
	n := min(len(k.asks), (room+worker.MaxBatch-1)/worker.MaxBatch)
	asks, k.asks, k.ripe = slices.Clone(k.asks[:n]), slices.Delete(k.asks, 0, n), false
	return asks, min(n*worker.MaxBatch, room)
}

// putBack has asks wait for the next turn, or ends them.
func (k *keeper) putBack(asks []*ask) {
	for _, a := range slices.Backward(asks) {
		if a.last {
			a.answer <- worker.Batch{}
		} else {
			k.asks = slices.Insert(k.asks, 0, a)
		}
	}
}

// claimed hands jobs to those who asked: to one as many as it can take, then to the next.
func (k *keeper) claimed(asks []*ask, jobs []store.Job, asked int, now time.Time) {
	k.ripe = k.ripe || len(jobs) == asked
	for len(jobs) > 0 {
		n := min(len(jobs), worker.MaxBatch)
		asks[0].answer <- k.batch(asks[0], jobs[:n], now)
		asks, jobs = asks[1:], jobs[n:]
	}
	for _, a := range asks {
		a.looked = true
	}
	k.putBack(asks)
}

// batch notes that jobs are out.
func (k *keeper) batch(a *ask, jobs []store.Job, now time.Time) worker.Batch {
	batch := worker.Batch{Leased: now, Failed: map[string]worker.Failures{}}
	for _, job := range jobs {
		e := k.event(job)
		r := &run{
			number: job.Number, run: job.Run, life: k.hub.life, failed: since(job.Failed, now), suspect: job.Starts > store.Suspect,
		}
		if r.suspect {
			k.hub.suspect = r
		}
		k.out[e.Handle] = r
		batch.Events = append(batch.Events, e)
		if r.failed.Count > 0 {
			batch.Failed[e.Handle] = r.failed
		}
	}
	if a.round != k.round { // who asked has ended meanwhile
		for _, e := range batch.Events {
			k.letGo(e.Handle)
		}
		return worker.Batch{}
	}
	return batch
}

func since(f store.Failures, now time.Time) worker.Failures {
	known := worker.Failures{Attempts: f.Attempts, Count: f.Count, LastError: f.Error}
	if f.Count > 0 {
		known.First, known.Last = now.Add(-f.First), now.Add(-f.Last)
	}
	return known
}

// ours begins the handle of an event that the worker can't know by its own.
const ours = "inbox:"

// event is a job as the worker gets it. It keeps the handle of the event's delivery, which is part of the ID of some; but
// where it has none, or another that is out has the same, as after the process was taken for dead, or it looks like one of
// ours, it gets one of ours.
func (k *keeper) event(job store.Job) events.Event {
	e := events.Event{SubAppID: job.Event.App, Type: events.Type(job.Event.Type), Handle: job.Event.Handle, Raw: job.Event.Body}
	if e.Handle == "" || k.out[e.Handle] != nil || strings.HasPrefix(e.Handle, ours) {
		e.Handle = fmt.Sprintf("%s%d.%d:%s", ours, job.Number, job.Run, e.Handle)
	}
	return e
}

// original is an event of the worker as it was stored.
func original(e events.Event) events.Event {
	if rest, is := strings.CutPrefix(e.Handle, ours); is {
		_, e.Handle, _ = strings.Cut(rest, ":")
	}
	return e
}

// stored notes an event that is going to be stored.
func (k *keeper) stored(e store.Event) {
	if e.Reason == "" && slices.Contains(e.Handlers, k.handler.Name) {
		k.ripe = true
	}
}

// Confirm notes that runs have succeeded. It does not fail: what became of a run is kept until it is written.
func (k *keeper) Confirm(_ context.Context, handles []string) error {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	for _, handle := range handles {
		if r := k.take(handle); r != nil {
			k.hub.end(&outcome{of: r, to: store.Finished})
		}
	}
	return nil
}

// Return notes that a run has failed, or was left.
func (k *keeper) Return(e worker.Returned) {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	r := k.take(e.Handle)
	switch {
	case r == nil:
	case e.Done:
		k.hub.end(&outcome{of: r, to: store.Finished})
	default:
		const apart = 2 * time.Millisecond // by which the database rounds: it is not to come back while it still rests
		o := &outcome{of: r, to: store.Waiting, failed: e.Failed}
		if e.Pause > 0 {
			o.due = time.Now().Add(e.Pause + apart)
		} else {
			k.ripe = true
		}
		k.hub.end(o)
	}
}

// take returns the run of a handle, which has ended; nil if nothing more is to be written of it.
func (k *keeper) take(handle string) *run {
	r := k.out[handle]
	delete(k.out, handle)
	if r != nil && r.buried {
		return nil
	}
	return r
}
