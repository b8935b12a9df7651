package main

import (
	"log"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
)

// maxForeign is how many bytes of a library's line are logged: it may quote what a stranger has sent.
const maxForeign = 200

// foreign takes what libraries write with the standard logger, as net/http and the SDK do: ten lines, and then one in 10 s.
type foreign struct {
	log  zerolog.Logger
	some rate.Sometimes
}

func takeForeign(to zerolog.Logger) {
	log.SetFlags(0)
	log.SetOutput(&foreign{log: to, some: rate.Sometimes{First: 10, Interval: 10 * time.Second}})
}

func (f *foreign) Write(text []byte) (int, error) {
	f.some.Do(func() {
		f.log.Warn().Str("text", show.Plain(string(text[:min(len(text), maxForeign)]))).Int("bytes", len(text)).Msg("a library says")
	})
	return len(text), nil
}
