package worker

import (
	"context"
	"time"

	"github.com/vodworker/vodworker/worker/internal/blame"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	recordEvery = 10 * time.Second
	recordLimit = 5 * time.Second // for one call of Record
)

// records has what is known of failures outlive the process, if there is a place for it.
type records struct {
	out     bool      // a call is
	due     time.Time // the next one
	trouble say.Trouble
}

// A recording reports one call of Record.
type recording struct {
	page *blame.Page
	err  error
}

// loadRecord takes over what an earlier process knew.
func (e *engine) loadRecord() {
	if !e.recordsOn() {
		return
	}
	ctx, cancel := context.WithTimeout(e.work, recordLimit)
	defer cancel()
	err := e.opts.DeadLetters.Record(ctx, func(kept []byte) []byte {
		e.book.Load(kept, e.opts.SubAppID, time.Now())
		return kept
	})
	if err != nil {
		e.records.trouble.Report(time.Now(), err)
	}
}

func (e *engine) recordsOn() bool { return e.lettersOn() && e.opts.DeadLetters.Record != nil }

// startRecording records what is new.
func (e *engine) startRecording(now time.Time) {
	if at := e.nextRecording(); at.IsZero() || now.Before(at) {
		return
	}
	e.record(now)
}

// nextRecording is when something is to be recorded; zero if nothing is.
func (e *engine) nextRecording() time.Time {
	if !e.recordsOn() || e.records.out || !e.book.Changed() {
		return time.Time{}
	}
	return e.records.due
}

func (e *engine) record(now time.Time) {
	page := e.book.Page(e.opts.SubAppID, now)
	e.records.out, e.records.due = true, now.Add(recordEvery)
	go func() {
		ctx, cancel := context.WithTimeout(e.confirming, recordLimit)
		defer cancel()
		tell(e, e.recorded, recording{page, e.opts.DeadLetters.Record(ctx, page.Into)})
	}()
}

func (e *engine) onRecorded(r recording) {
	e.records.out = false
	if r.err != nil {
		e.book.Lost(r.page)
		e.records.trouble.Report(time.Now(), r.err)
		return
	}
	e.records.trouble.Over(time.Now())
}

// closeRecord records what is new at the end, if the stop's time allows.
func (e *engine) closeRecord() {
	end := time.After(time.Until(e.hardEnd))
	e.awaitRecord(end)
	if e.recordsOn() && !e.records.out && e.book.Changed() {
		e.record(time.Now())
		e.awaitRecord(end)
	}
}

func (e *engine) awaitRecord(end <-chan time.Time) {
	if !e.records.out {
		return
	}
	select {
	case r := <-e.recorded:
		e.onRecorded(r)
	case <-end:
	}
}
