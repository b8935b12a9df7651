package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
)

var (
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"auto", "console", "json"}
)

func (c LogConfig) validate() error {
	if !slices.Contains(logLevels, c.Level) {
		return fmt.Errorf("log level %q: it must be one of %q", c.Level, logLevels)
	}
	if !slices.Contains(logFormats, c.Format) {
		return fmt.Errorf("log format %q: it must be one of %q", c.Format, logFormats)
	}
	return nil
}

// logger writes to w: lines for a person if w is a terminal, else JSON.
func (c LogConfig) logger(w io.Writer) zerolog.Logger {
	if c.Format == "console" || c.Format == "auto" && isTerminal(w) {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, NoColor: !isTerminal(w)}
	}
	level, err := zerolog.ParseLevel(c.Level)
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
