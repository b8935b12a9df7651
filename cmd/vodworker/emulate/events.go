package emulate

import (
	"context"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Fill makes the events to begin with.
func (o *Options) Fill(emulator *vodtest.Emulator) {
	for range o.Events {
		o.makeOne(emulator)
	}
}

// produce makes one more event each time --every has passed, until ctx ends.
func (o *Options) produce(ctx context.Context, emulator *vodtest.Emulator) {
	if o.every == 0 {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			o.makeOne(emulator)
		case <-ctx.Done():
			return
		}
	}
}

// makeOne uploads a video or processes the one that was uploaded last, alternately.
func (o *Options) makeOne(emulator *vodtest.Emulator) {
	if o.made++; o.made%2 == 1 {
		o.file = emulator.Upload(o.SubAppID, fmt.Sprintf("video-%d.mp4", o.made/2+1))
	} else {
		emulator.Process(o.SubAppID, o.file, "")
	}
}
