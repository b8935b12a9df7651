package watch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

const (
	askLimit = 10 * time.Second // for one call
	askAgain = time.Minute      // after the first of several that fail
	askEvery = time.Hour
)

// A mode is what is known of an application's settings, and what was said of them.
type mode struct {
	*Application
	wrong   bool // the last answer said so
	failed  bool // the last call failed
	refused bool // a lack of permission was said
	judged  bool // what is wrong with the switches was said
	before  bool // there was an answer before
}

// watchMode takes the first answer, and asks again where nothing comes, or where something was wrong.
func (a *Application) watchMode(ctx context.Context, settings tencent.Settings, err error) {
	m := mode{Application: a}
	pulled := 0
	for ctx.Err() == nil {
		pause := m.take(settings, err)
		for asked := false; !asked; pause = askEvery {
			if !sleep(ctx, pause) {
				return
			}
			status := a.Status()
			if status.State == worker.Stopped { // others go on
				return
			}
			asked = status.Pulled == pulled || m.wrong || pause == askAgain
			pulled = status.Pulled
		}
		settings, err = a.ask(ctx)
	}
}

func (a *Application) ask(ctx context.Context) (tencent.Settings, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return a.Settings(ctx)
}

// take says what an answer means, and returns when to ask again.
func (m *mode) take(settings tencent.Settings, err error) (pause time.Duration) {
	switch {
	case err == nil:
		m.failed = false
		m.judge(settings)
	case LacksPermission(err):
		m.failed = false
		if !m.refused {
			Failure(m.Log.Info(), err).Msg("the mode and the event switches are not watched: allow vod:DescribeEventConfig")
		}
		m.refused = true
	default:
		Failure(m.Log.Debug(), err).Msg("the mode was not told")
		if !m.failed {
			m.failed = true
			return askAgain
		}
	}
	return askEvery
}

func (m *mode) judge(settings tencent.Settings) {
	trouble := m.Trouble(settings)
	if m.before && !m.Received() {
		trouble = cmp.Or(trouble, m.unheard(settings))
	}
	m.before = true
	switch {
	case trouble != "":
		m.Log.Warn().Msg(trouble)
	case m.wrong:
		m.Log.Info().Msgf("application %s is well now: its mode is %s", m.Name, settings.Mode)
	}
	if m.wrong = trouble != ""; m.wrong || m.judged {
		return
	}
	m.judged = true
	if unsent := m.unsent(settings); unsent != "" {
		m.Log.Warn().Msg(unsent)
	}
}

// LacksPermission reports whether a call failed since its key may not make it.
func LacksPermission(err error) bool {
	api, ok := errors.AsType[*tencent.Error](err)
	return ok && api.Reason == tencent.ReasonPermission
}

// Failure puts the error of a call into a line, and the RequestId to quote to the vendor's support.
func Failure(line *zerolog.Event, err error) *zerolog.Event {
	line.Err(err)
	if id := RequestID(err); id != "" {
		line.Str("request_id", id)
	}
	return line
}

// RequestID returns what VOD's support asks for, if the error is of a call that was answered.
func RequestID(err error) string {
	type answered interface {
		error
		Request() string
	}
	if call, ok := errors.AsType[answered](err); ok {
		return call.Request()
	}
	return ""
}
