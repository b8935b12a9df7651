package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

// logger logs as configured, but for what flags say; what libraries have to say too.
func (a *app) logger(config config.Log) (zerolog.Logger, error) {
	if a.logLevel != "" {
		config.Level = a.logLevel
	}
	if a.logFormat != "" {
		config.Format = a.logFormat
	}
	if err := config.Validate(); err != nil {
		return zerolog.Nop(), usageError{err}
	}
	a.logAs = config
	log := newLogger(config, a.terminal, a.lines, a.lines.Kept())
	a.lines.Say(func(dropped, lost int) []byte {
		var line bytes.Buffer
		log := newLogger(config, a.terminal, &line, &line)
		log.Error().Int("dropped", dropped).Int("with_events", lost).Msg(droppedMessage)
		return line.Bytes()
	})
	takeForeign(log)
	return log, nil
}

const (
	lineTime    = "2006-01-02T15:04:05.000Z07:00"
	consoleTime = "15:04:05.000"
)

const droppedMessage = "log lines were dropped here, since nobody read them"

// droppedText is for commands that have no log.
func droppedText(dropped, _ int) []byte {
	return fmt.Appendf(nil, "vodworker: %d %s\n", dropped, droppedMessage)
}

// Lines tell the milliseconds: within a second many events come and go. It is set before anything logs, since zerolog reads it
// without a lock.
func init() { zerolog.TimeFieldFormat = lineTime }

// newLogger writes lines for a person to a terminal, else JSON, and those with events that are kept nowhere else to kept.
func newLogger(config config.Log, terminal bool, to, kept io.Writer) zerolog.Logger {
	if forPeople(config, terminal) {
		to = zerolog.ConsoleWriter{Out: to, TimeFormat: consoleTime, NoColor: !terminal}
		kept = zerolog.ConsoleWriter{Out: kept, TimeFormat: consoleTime, NoColor: !terminal}
	}
	level, err := zerolog.ParseLevel(config.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(lines{to, kept}).Level(level).With().Timestamp().Logger()
}

// lines tells lines of JSON that hold an event, since it is given up, from others. What strangers send can't look like one: in
// a string of JSON each quote has a backslash before it.
type lines struct{ to, kept io.Writer }

var lostEvents = [][]byte{[]byte(`,"event":"`), []byte(`,"event_base64":"`), []byte(`"message":"event lost`)}

func (l lines) Write(line []byte) (int, error) {
	for _, mark := range lostEvents {
		if bytes.Contains(line, mark) {
			return l.kept.Write(line)
		}
	}
	return l.to.Write(line)
}

// isTerminal reports whether a reader or writer is one.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
