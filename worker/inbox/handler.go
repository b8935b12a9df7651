package inbox

import (
	"context"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// inner returns the handler as its worker gets it. What it wants was asked when the event was stored.
func (k *keeper) inner() worker.Handler {
	return worker.Handler{Name: k.handler.Name, Handle: k.handle, Timeout: k.handler.Timeout, Retry: k.handler.Retry}
}

// handle runs the handler, for as long as the process is not taken for dead. After that no failure counts, and no try follows.
func (k *keeper) handle(ctx context.Context, e events.Event) error {
	r := k.begin(e)
	if r == nil {
		return errLost
	}
	ok := false
	defer func() { k.returned(e, r, ok) }() // whatever ends it
	if r.life.Err() != nil {
		return errLost
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.life, func() { cancel(context.Cause(r.life)) })()
	err := k.handler.Handle(ctx, original(e))
	ok = err == nil
	if err != nil && r.life.Err() != nil {
		return errLost
	}
	return err
}

// told returns the hooks of the handler's worker: without those that speak of calls of the API, and with events as they were
// stored.
func (k *keeper) told(h worker.Hooks) worker.Hooks {
	hooks := worker.Hooks{Failed: h.Failed, Down: worker.JoinHook(k.onDown, h.Down)}
	if h.Handled != nil {
		hooks.Handled = func(info worker.HandleInfo) { info.Event = original(info.Event); h.Handled(info) }
	}
	if h.Left != nil {
		hooks.Left = func(info worker.LeftInfo) { info.Event = original(info.Event); h.Left(info) }
	}
	hooks.LeaseLost = func(info worker.LeaseInfo) {
		k.onLeaseLost(info)
		if info.Event = original(info.Event); h.LeaseLost != nil {
			h.LeaseLost(info)
		}
	}
	if h.DeadLettered != nil {
		hooks.DeadLettered = func(letter worker.DeadLetter) { letter.Event = original(letter.Event); h.DeadLettered(letter) }
	}
	return hooks
}

// onDown notes whether the handler is down.
func (k *keeper) onDown(info worker.DownInfo) {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	k.down = info.Down
}

// onLeaseLost has the next suspect run, if the one that does has hung for a whole window: it may do so for ever, and has
// not ended the process by now.
func (k *keeper) onLeaseLost(info worker.LeaseInfo) {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	if r := k.out[info.Event.Handle]; r != nil && k.hub.suspect == r {
		k.hub.suspect = nil
	}
}
