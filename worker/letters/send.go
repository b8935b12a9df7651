package letters

import (
	"context"
	"fmt"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// Send returns a Write for [worker.DeadLetters] that hands letters to a sink: handle is its Handle, and its error comes
// back wrapped. What it gets is an event of the same type and application whose body is the letter as a [Dir] keeps it: key,
// reason, missing, last_error and so on, and the event. The receiver can recognise a letter that comes twice by that
// key: the envelope has an ID of its own, which changes with the letter, and no FileID or TaskID.
func Send(handle func(ctx context.Context, e events.Event) error) func(ctx context.Context, letter worker.DeadLetter) error {
	return func(ctx context.Context, letter worker.DeadLetter) error {
		body, err := encode(letter)
		if err != nil {
			return fmt.Errorf("write dead letter: %w", err)
		}
		envelope := events.Event{SubAppID: letter.Event.SubAppID, Handle: letter.Event.Handle, Type: letter.Event.Type, Raw: body}
		if err := handle(ctx, envelope); err != nil {
			return fmt.Errorf("write dead letter: %w", err)
		}
		return nil
	}
}
