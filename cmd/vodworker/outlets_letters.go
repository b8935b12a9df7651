package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
	"github.com/vodworker/vodworker/worker/sink"
)

// openLetters opens where dead letters go as configured, if they go anywhere.
func (o *outlets) openLetters(a *app, config *config.Config, log zerolog.Logger) error {
	switch dead := config.DeadLetters; {
	case dead.Dir != "":
		dir, err := letters.NewDir(dead.Dir)
		if err != nil {
			if _, why := letters.Reach(context.Background(), dead.Dir); why != nil {
				err = why // in the words of check
			}
			return config.Errorf("dead_letters.dir", "%w", err)
		}
		o.deadLetters = deadLetters(dead, dir.Write)
		o.deadLetters.Record = dir.Record
		o.letters, o.lettersAt, o.stored = dir, "dir "+dead.Dir, dir.Count
	case dead.On():
		to, err := a.open(dead.Place, config, log)
		if err != nil {
			return unopened(config, "dead_letters", dead.Place, err)
		}
		o.closers = append(o.closers, to)
		o.deadLetters = deadLetters(dead, letters.Send(alsoLogged(dead.Place, to, log)))
		o.lettersAt = placeText(dead.Place, to)
	}
	return nil
}

// alsoLogged returns a place's Handle. What a webhook takes is logged too unless its success was looked at: many refuse with a
// 200, and a letter that was so refused would be nowhere.
func alsoLogged(place config.Place, to sink.Sink, log zerolog.Logger) func(context.Context, events.Event) error {
	if place.Webhook == nil || place.Webhook.Success != nil {
		return to.Handle
	}
	return func(ctx context.Context, letter events.Event) error {
		if err := to.Handle(ctx, letter); err != nil {
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, letter.Raw); err != nil {
			return err
		}
		log.Error().Bytes("dead_letter", line.Bytes()).Msg("dead letter posted; it is here too, since the webhook has no success")
		return nil
	}
}

func deadLetters(config config.DeadLetters, write func(context.Context, worker.DeadLetter) error) *worker.DeadLetters {
	after := cmp.Or(time.Duration(config.After), worker.DefaultAfter)
	return &worker.DeadLetters{Attempts: config.Attempts, After: after, Write: write}
}
