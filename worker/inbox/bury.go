package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// Dead letters are jobs that are dead. What they lack is one handler each; an event may have several.

// bury writes that a handler's event is given up: a Write for its worker.
func (k *keeper) bury(ctx context.Context, letter worker.DeadLetter) error {
	h := k.hub
	h.mu.Lock()
	r := k.out[letter.Event.Handle]
	if r == nil {
		h.mu.Unlock()
		return fmt.Errorf("%s is not out", letter.Event.Handle)
	}
	failed := failures(letter)
	failed.Count = max(failed.Count, r.failed.Count)
	o := &outcome{of: r, to: store.Dead, failed: failed, reason: letter.Reason, written: make(chan struct{})}
	h.end(o)
	h.mu.Unlock()
	if err := h.await(ctx, o); err != nil {
		return err
	}
	h.mu.Lock()
	r.buried = true
	h.mu.Unlock()
	return nil
}

func failures(letter worker.DeadLetter) worker.Failures {
	return worker.Failures{
		Attempts: letter.Attempts, Count: max(letter.Attempts, 1), First: letter.First, Last: letter.Last, LastError: letter.LastError,
	}
}

// write stores what somebody in front of the inbox gives up. If all that it lacks is to be stored, it is stored, for its
// handlers; if it lacks others too, a letter is for all of them.
func (i *Inbox) write(ctx context.Context, letter worker.DeadLetter) error {
	e := toStore(letter.Event, slices.DeleteFunc(slices.Clone(letter.Missing), func(name string) bool { return name == Name }))
	if len(e.Handlers) < len(letter.Missing) { // the inbox itself too
		behind := i.router.Match(letter.Event)
		if len(e.Handlers) == 0 && len(behind) > 0 {
			e.Handlers = behind
			return i.hub.keep(ctx, e)
		}
		e.Handlers = append(e.Handlers, behind...)
	}
	if len(e.Handlers) == 0 {
		e.Handlers = []string{""}
	}
	e.Reason, e.Failed = string(letter.Reason), ago(failures(letter), time.Now())
	return i.hub.keep(ctx, e)
}

func toStore(e events.Event, handlers []string) store.Event {
	return store.Event{
		ID: e.ID(), App: e.SubAppID, Type: string(e.Type), File: e.FileID(), Task: e.TaskID(), Handle: e.Handle,
		Body: e.Raw, Handlers: handlers,
	}
}

// tellDead tells of jobs that were given up since processes ended that ran them, as a worker tells of what it gives up. Turns
// wait for it, so that there is one limit for all.
func (h *hub) tellDead(jobs []store.Job, now time.Time) {
	ctx, cancel := context.WithTimeout(h.hard, tellLimit)
	defer cancel()
	for _, job := range jobs {
		h.tellOneDead(ctx, job, now)
	}
}

// tellLimit leaves time for the next beat.
const tellLimit = 5 * time.Second

func (h *hub) tellOneDead(ctx context.Context, job store.Job, now time.Time) {
	const said = "event given up, and written to the dead letters"
	letter := worker.DeadLetter{Reason: worker.ReasonCrashes, Missing: []string{job.Handler}}
	failed := since(job.Failed, now)
	letter.LastError, letter.Attempts, letter.First, letter.Last = failed.LastError, failed.Attempts, failed.First, failed.Last
	dead, err := h.store.Dead(ctx, job.Event.ID, true)
	if err != nil || len(dead) == 0 { // it is said all the same
		h.log.Error().Str("type", job.Event.Type).Str("id", job.Event.ID).Str("reason", letter.Reason.Text()).
			Strs("missing", letter.Missing).Msg(said)
		return
	}
	e := dead[0]
	letter.Event = events.Event{SubAppID: e.App, Type: events.Type(e.Type), Handle: e.Handle, Raw: e.Body}
	h.log.Error().EmbedObject(letter).Msg(said)
	if h.hooks.DeadLettered != nil {
		h.hooks.DeadLettered(letter)
	}
}
