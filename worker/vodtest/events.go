package vodtest

import (
	"context"
	"fmt"
	"slices"
)

// Pull is PullEvents without HTTP: everything that can happen to the request happens here too. It returns the
// EventSet, a JSON array of at least one event, or nil if there is none; with [EmptyNotFound], the default, that is
// an [*APIError] with the code ResourceNotFound. A fault that would break the connection or the answer is another
// error. If ctx ends, its error is returned; nothing was taken if it ended while Pull waited for an event.
func (e *Emulator) Pull(ctx context.Context, subAppID uint64) (eventSet []byte, err error) {
	call := e.newCall(pullEvents, subAppID)
	o := e.pull(ctx, call)
	err = o.failure()
	e.observe(call, err)
	if err != nil {
		return nil, err
	}
	return o.result, nil
}

// Confirm is ConfirmEvents without HTTP. It takes 1 to 16 handles. It returns an [*APIError] with the code
// InvalidParameterValue if one of them is unknown, expired or, by default, was confirmed before; the others are
// confirmed nevertheless, unless [Config] says otherwise. Faults and ctx act as in [Emulator.Pull].
func (e *Emulator) Confirm(ctx context.Context, subAppID uint64, handles []string) error {
	call := e.newCall(confirmEvents, subAppID)
	call.Handles = slices.Clone(handles)
	err := e.confirm(ctx, call).failure()
	e.observe(call, err)
	return err
}

// pull notes the events that it hands out on the call.
func (e *Emulator) pull(ctx context.Context, call *ongoing) outcome {
	return e.do(ctx, call, func() ([]byte, error) {
		batch, err := e.take(ctx, call.SubAppID)
		switch {
		case err != nil:
			return nil, err
		case len(batch) > 0:
		case e.cfg.Empty == EmptyNotFound:
			return nil, &APIError{"ResourceNotFound", "no event"}
		default:
			return nil, nil
		}
		for _, d := range batch {
			call.Handles = append(call.Handles, d.handle)
		}
		return joinEvents(batch), nil
	})
}

// confirm notes the handles whose events it removes on the call.
func (e *Emulator) confirm(ctx context.Context, call *ongoing) outcome {
	handles := call.Handles
	return e.do(ctx, call, func() ([]byte, error) {
		if len(handles) < 1 || len(handles) > maxBatch {
			return nil, &APIError{"InvalidParameterValue",
				fmt.Sprintf("EventHandles has %d elements; 1 to %d are allowed", len(handles), maxBatch)}
		}
		e.mu.Lock()
		confirmed, bad := e.app(call.SubAppID).queue.confirm(handles, e.now())
		call.Confirmed = confirmed
		e.mu.Unlock()
		if bad > 0 {
			return nil, &APIError{"InvalidParameterValue",
				fmt.Sprintf("%d of %d handles are unknown, expired or confirmed before", bad, len(handles))}
		}
		return nil, nil
	})
}

// countWaiting answers DescribeEventsState. VOD's count is minutes old, this one is not.
func (e *Emulator) countWaiting(ctx context.Context, call *ongoing) outcome {
	return e.do(ctx, call, func() ([]byte, error) {
		return fmt.Appendf(nil, `"CountOfEventsToPull":%d`, e.Stats(call.SubAppID).Waiting), nil
	})
}

// eventSetMember returns the EventSet member of the Response, in the configured form if there is no event.
func (e *Emulator) eventSetMember(eventSet []byte) []byte {
	switch {
	case eventSet != nil:
	case e.cfg.Empty == EmptyNull:
		eventSet = []byte("null")
	case e.cfg.Empty == EmptyList:
		eventSet = []byte("[]")
	default:
		return nil
	}
	return append([]byte(`"EventSet":`), eventSet...)
}

// Send queues one event: a JSON object, with or without an EventHandle. It is an EventContent as VOD defines it, or
// anything else: unknown types, mistyped and extra fields all pass. Each delivery hands it out byte for byte, with the
// EventHandle of that delivery as the first member. Anything but a JSON object is an error.
func (e *Emulator) Send(subAppID uint64, content []byte) error {
	content, err := withoutHandle(content)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.put(e.app(subAppID), content)
	return nil
}

// put queues an event that VOD has made, or sends it if the application does not pull. The lock must be held.
func (e *Emulator) put(a *app, content []byte) {
	e.record(a, content)
	if a.settings.mode == "PUSH" {
		e.push(a, content)
		return
	}
	a.queue.send(content, e.now())
	e.serve(a)
}
