package main

import (
	"strings"
	"testing"
)

func TestPrettyDoesNotMakeGigabytesOfLists(t *testing.T) {
	const depth = 9000
	nest := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	for name, raw := range map[string]string{
		"one in another":      "[" + nest + "," + nest + "]",
		"with text that ends": "[" + strings.Repeat(`"]\"}",[`, depth) + strings.Repeat("]", depth) + "]",
		"side by side":        strings.Repeat("[", 100) + "0" + strings.Repeat(",0", 100_000) + strings.Repeat("]", 100),
	} {
		if got := pretty([]byte(raw)); got != raw {
			t.Errorf("%s: %d bytes of %d", name, len(got), len(raw))
		}
	}
	if got := pretty([]byte(`[[1,"]"]]`)); got != "[\n  [\n    1,\n    \"]\"\n  ]\n]" {
		t.Errorf("%s", got)
	}
}
