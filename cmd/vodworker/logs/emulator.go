package logs

import (
	"cmp"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Call logs a call. A poll that found nothing is logged at debug, since polls go on without end: at info they would fill the log.
func Call(log zerolog.Logger, call vodtest.Call) {
	line := log.Info()
	api, ok := errors.AsType[*vodtest.APIError](call.Err)
	if call.Action == "PullEvents" && len(call.Handles) == 0 && (call.Err == nil || ok && api.Code == "ResourceNotFound") {
		line = log.Debug()
	}
	if call.Action == "PullEvents" || call.Action == "ConfirmEvents" {
		line = line.Int("events", len(call.Handles))
	}
	line = line.Stringer("took", call.Took.Round(time.Millisecond)).AnErr("answer", call.Err)
	if call.SubAppID != 0 {
		line = line.Uint64("sub_app_id", call.SubAppID)
	}
	if call.Fault != nil {
		line = line.Stringer("fault", call.Fault)
	}
	if call.Forwarded {
		line = line.Bool("forwarded", true)
	}
	line.Msg(cmp.Or(call.Action, "(unknown action)"))
}

// Callback logs each try to make a normal callback.
func Callback(log zerolog.Logger, c vodtest.Callback) {
	line := log.Info().Str("url", c.URL).Int("event", c.Event).Int("try", c.Try).Stringer("took", c.Took.Round(time.Millisecond))
	if c.SubAppID != 0 {
		line = line.Uint64("sub_app_id", c.SubAppID)
	}
	switch {
	case c.Err == nil:
		line = line.Int("status", c.Status)
	case c.Last:
		line = line.Bool("given_up", true)
	}
	line.AnErr("answer", c.Err).Msg("callback")
}
