package main

import (
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

// logger logs as configured, but for what flags say.
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
	return newLogger(config, a.stderr), nil
}

// newLogger writes to w: lines for a person if w is a terminal, else JSON.
func newLogger(config config.Log, w io.Writer) zerolog.Logger {
	if config.Format == "console" || config.Format == "auto" && isTerminal(w) {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, NoColor: !isTerminal(w)}
	}
	level, err := zerolog.ParseLevel(config.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

// isTerminal reports whether a reader or writer is one.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
