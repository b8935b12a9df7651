package vodtest

import (
	"errors"

	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

// SetProcedure makes a task flow template of a name, or another one of it, for ProcessMediaByProcedure and PullUpload: tasks are
// TYPE:DEFINITION, joined by +, such as Transcode:100010+CoverBySnapshot:10. Templates that VOD has for everybody, such as
// LongVideoPreset, are there from the beginning. A template without a name or without tasks is an error.
func (e *Emulator) SetProcedure(name, tasks string) error {
	if name == "" {
		return errors.New("vodtest: a procedure needs a name")
	}
	procedure, err := library.ParseProcedure(tasks)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rules.Procedures[name] = procedure
	return nil
}
