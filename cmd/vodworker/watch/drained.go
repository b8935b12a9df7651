package watch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
)

// Drains are the drains of one application or several, which go on side by side. The zero value has none yet.
type Drains struct {
	mu     sync.Mutex
	ends   []drained
	behind *drained // of the inbox; nil: there is none, or it was not drained
}

type drained struct {
	*Application
	worker.Summary
	code int
}

// Add takes how the drain of an application has ended, and what the process would exit with if there were no other.
func (d *Drains) Add(of *Application, summary worker.Summary, code int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ends = append(d.ends, drained{of, summary, code})
}

// AddInbox takes how the drain of the inbox has ended, after those of the applications.
func (d *Drains) AddInbox(summary worker.Summary, code int) { d.behind = &drained{nil, summary, code} }

// Pulled reports whether anything came.
func (d *Drains) Pulled() bool {
	return d.behind != nil && d.behind.Pulled > 0 || slices.ContainsFunc(d.ends, func(end drained) bool { return end.Pulled > 0 })
}

// endLimit is how long the end of the drains waits for modes.
const endLimit = 5 * time.Second

// Troubles asks once for the settings of each application that gave nothing, unless it failed or ctx has ended. It returns the
// sentences of [Expected.Trouble]; those applications count as ended with code instead. It takes 5 s at most, and a call that
// fails tells nothing.
func (d *Drains) Troubles(ctx context.Context, code int) (troubles []string) {
	stopped := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	var asking sync.WaitGroup
	for i, end := range d.ends {
		if end.Pulled > 0 || end.code != 0 && !end.Limited || stopped {
			continue
		}
		asking.Go(func() {
			if !sleep(ctx, inTurn(i)) {
				return
			}
			settings, err := end.Settings(ctx)
			if err != nil {
				Failure(end.Log.Debug(), err).Msg("the mode was not told")
				return
			}
			expected := end.Expected
			expected.Receives = "" // a drain receives nothing, whatever run does
			if trouble := expected.Trouble(settings); trouble != "" {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.ends[i].code = code
				troubles = append(troubles, trouble)
			}
		})
	}
	asking.Wait()
	slices.Sort(troubles)
	return troubles
}

// Say writes the line that ends all drains: the sum of what became of events, what of the options or ctx ended them early, and
// the code that decides.
func (d *Drains) Say(ctx context.Context, line *zerolog.Event, options worker.DrainOptions, code int) {
	var sum worker.Summary
	var down []string
	codes := zerolog.Dict()
	for _, end := range d.ends {
		add(&sum, end.Summary, 1)
		down = append(down, end.Down...)
		codes.Int(strconv.FormatUint(end.SubAppID, 10), end.code)
	}
	line.EmbedObject(sum)
	if d.behind != nil { // counts of its own: what the applications' say is handled is stored
		down = append(down, d.behind.Down...)
		codes.Int("inbox", d.behind.code)
		line.Object("inbox", d.behind.Summary)
	}
	slices.Sort(down)
	addStrs(line, "down", slices.Compact(down))
	if why := d.why(ctx, options); why != "" {
		line.Str("why", why)
	}
	line.Int("exit_code", code)
	if len(d.ends) > 1 || d.behind != nil {
		line.Dict("codes", codes)
	}
	line.Msg("drained")
}

// why says what ended a drain before its queue was empty; nothing if none did.
func (d *Drains) why(ctx context.Context, options worker.DrainOptions) string {
	limited := func(end drained) bool { return end.Limited }
	ends := d.ends
	if d.behind != nil {
		ends = append(slices.Clip(ends), *d.behind)
	}
	full := func(end drained) bool { return end.Limited && options.MaxEvents > 0 && end.Pulled >= options.MaxEvents }
	switch {
	case !slices.ContainsFunc(ends, limited):
		return ""
	case ctx.Err() != nil:
		return context.Cause(ctx).Error()
	case slices.ContainsFunc(d.ends, full):
		return fmt.Sprintf("--max-events %d", options.MaxEvents)
	}
	return fmt.Sprintf("--max-duration %v", options.MaxDuration)
}
