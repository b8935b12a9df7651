// Package logs makes the log's lines: JSON for programs, or text for people, each with the milliseconds of its time.
package logs

import (
	"bytes"
	"io"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

const (
	lineTime    = "2006-01-02T15:04:05.000Z07:00"
	consoleTime = "15:04:05.000"
)

// Lines tell the milliseconds: within a second many events come and go. It is set before anything logs, since zerolog reads it
// without a lock.
func init() { zerolog.TimeFieldFormat = lineTime }

// New returns a logger that writes lines as configured, each in one Write: to to, and those with events that are kept nowhere
// else to kept. terminal says that to is a terminal. A level that is none counts as info.
func New(config config.Log, terminal bool, to, kept io.Writer) zerolog.Logger {
	if ForPeople(config, terminal) {
		to = zerolog.ConsoleWriter{Out: to, TimeFormat: consoleTime, NoColor: !terminal}
		kept = zerolog.ConsoleWriter{Out: kept, TimeFormat: consoleTime, NoColor: !terminal}
	}
	level, err := zerolog.ParseLevel(config.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(lines{to, kept}).Level(level).With().Timestamp().Logger()
}

// ForPeople reports whether lines are for somebody who reads them, and not for a program.
func ForPeople(config config.Log, terminal bool) bool {
	return config.Format == "console" || config.Format == "auto" && terminal
}

// lines tells lines of JSON that hold an event, since it is given up, from others. What strangers send can't look like one: in
// a string of JSON each quote has a backslash before it.
type lines struct{ to, kept io.Writer }

var lostEvents = [][]byte{[]byte(`,"event":"`), []byte(`,"event_base64":"`), []byte(`,"dead_letter":"`), []byte(`"message":"event lost`)}

func (l lines) Write(line []byte) (int, error) {
	for _, mark := range lostEvents {
		if bytes.Contains(line, mark) {
			return l.kept.Write(line)
		}
	}
	return l.to.Write(line)
}
