package vodtest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
	"github.com/vodworker/vodworker/worker/vodtest/internal/param"
)

const version = "2018-07-17"

// The actions that are about events.
const (
	pullEvents          = "PullEvents"
	confirmEvents       = "ConfirmEvents"
	describeEventsState = "DescribeEventsState"
	describeEventConfig = "DescribeEventConfig"
	modifyEventConfig   = "ModifyEventConfig"
)

// actions are those that the emulator carries out.
var actions = []action{
	define(pullEvents, 100, func(e *Emulator, ctx context.Context, call *ongoing, _ *api.PullEvents) outcome {
		o := e.pull(ctx, call)
		o.result = e.eventSetMember(o.result)
		return o
	}),
	define(confirmEvents, 100, func(e *Emulator, ctx context.Context, call *ongoing, p *api.ConfirmEvents) outcome {
		call.Handles = p.EventHandles
		return e.confirm(ctx, call)
	}),
	define(describeEventsState, 20, func(e *Emulator, ctx context.Context, call *ongoing, _ *api.DescribeEventsState) outcome {
		return e.countWaiting(ctx, call)
	}),
	define(describeEventConfig, 20, func(e *Emulator, ctx context.Context, call *ongoing, _ *api.DescribeEventConfig) outcome {
		return e.describe(ctx, call)
	}),
	define(modifyEventConfig, 20, func(e *Emulator, ctx context.Context, call *ongoing, p *api.ModifyEventConfig) outcome {
		return e.modify(ctx, call, p)
	}),
	ofMedia("ProcessMedia", 100, (*library.Library).ProcessMedia),
	ofMedia("ProcessMediaByProcedure", 100, (*library.Library).ProcessMediaByProcedure),
	ofMedia("PullUpload", 100, (*library.Library).PullUpload),
	ofMedia("ApplyUpload", 100, (*library.Library).ApplyUpload),
	ofMedia("CommitUpload", 100, (*library.Library).CommitUpload),
	ofMedia("DescribeMediaInfos", 100, (*library.Library).DescribeMediaInfos),
	ofMedia("SearchMedia", 100, (*library.Library).SearchMedia),
	ofMedia("ModifyMediaInfo", 100, (*library.Library).ModifyMediaInfo),
	ofMedia("DeleteMedia", 100, (*library.Library).DeleteMedia),
	ofMedia("DescribeTaskDetail", 100, (*library.Library).DescribeTaskDetail),
	ofMedia("DescribeTasks", 100, (*library.Library).DescribeTasks),
}

// An action is one that the emulator carries out.
type action struct {
	name string
	rate int // calls a second that an account may make

	// prepare reads the parameters of a call. It returns the application that it is about, and what carries it out.
	prepare func(param.Object) (subAppID uint64, run run, err error)
}

// A run carries out a call.
type run func(*Emulator, context.Context, *ongoing) outcome

// define makes an action whose parameters are a P.
func define[P any](name string, rate int, do func(*Emulator, context.Context, *ongoing, *P) outcome) action {
	prepare := func(given param.Object) (uint64, run, error) {
		p := new(P)
		if err := given.Read(p); err != nil {
			return 0, nil, err
		}
		app := reflect.ValueOf(p).Elem().FieldByName("SubAppId").Uint() // all actions have it
		return app, func(e *Emulator, ctx context.Context, call *ongoing) outcome { return do(e, ctx, call, p) }, nil
	}
	return action{name, rate, prepare}
}

// ofMedia makes an action of what a library does.
func ofMedia[P, R any](name string, rate int, do func(*library.Library, *P, time.Time) (*R, error)) action {
	return define(name, rate, func(e *Emulator, ctx context.Context, call *ongoing, p *P) outcome {
		return e.do(ctx, call, func() ([]byte, error) {
			return e.inLibrary(call, func(l *library.Library, now time.Time) (any, error) { return do(l, p, now) })
		})
	})
}

// actionNamed returns an action, and false if the emulator does not carry it out.
func actionNamed(name string) (action, bool) {
	for _, a := range actions {
		if a.name == name {
			return a, true
		}
	}
	return action{}, false
}

// Actions returns the names of the actions that the emulator carries out.
func Actions() []string {
	var names []string
	for _, a := range actions {
		names = append(names, a.name)
	}
	return names
}

// vodAction returns the name of an action that VOD has, and else nothing: who has not signed may have sent anything for a name,
// and a secret by mistake.
func vodAction(name string) string {
	if _, vod := slices.BinarySearch(api.Actions, name); !vod {
		return ""
	}
	return name
}

// noAction says why there is no such action: VOD has none, or the emulator.
func noAction(name string) error {
	if vodAction(name) != "" {
		return &APIError{"UnsupportedOperation", fmt.Sprintf("VOD has the action %s, and this emulator does not; it has %s. "+
			"With --forward URL a stub of yours answers the others", name, strings.Join(Actions(), ", "))}
	}
	return &APIError{"InvalidAction", fmt.Sprintf("there is no action %q in version %s", shorten(name), version)}
}
