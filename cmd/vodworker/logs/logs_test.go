package logs_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/logs"
)

func TestLinesTellTheMilliseconds(t *testing.T) {
	for format, want := range map[string]string{
		"json":    `"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)"`,
		"console": `^\d\d:\d\d:\d\d\.\d{3} INF said\n$`,
	} {
		var text bytes.Buffer
		log := logs.New(config.Log{Level: "info", Format: format}, false, &text, &text)
		log.Info().Msg("said")
		if !regexp.MustCompile(want).Match(text.Bytes()) {
			t.Errorf("%s: %s", format, &text)
		}
	}
}
