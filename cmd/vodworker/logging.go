package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/logs"
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
	log := logs.New(config, a.terminal, a.lines, a.lines.Kept())
	a.lines.Say(func(dropped, lost int) []byte {
		var line bytes.Buffer
		log := logs.New(config, a.terminal, &line, &line)
		log.Error().Int("dropped", dropped).Int("with_events", lost).Msg(droppedMessage)
		return line.Bytes()
	})
	takeForeign(log)
	return log, nil
}

const droppedMessage = "log lines were dropped here, since nobody read them"

// droppedText is for commands that have no log.
func droppedText(dropped, _ int) []byte {
	return fmt.Appendf(nil, "vodworker: %d %s\n", dropped, droppedMessage)
}

// isTerminal reports whether a reader or writer is one.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
