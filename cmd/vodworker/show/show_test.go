package show

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrettyDoesNotMakeGigabytesOfLists(t *testing.T) {
	const depth = 9000
	nest := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	for name, raw := range map[string]string{
		"one in another":      "[" + nest + "," + nest + "]",
		"with text that ends": "[" + strings.Repeat(`"]\"}",[`, depth) + strings.Repeat("]", depth) + "]",
		"side by side":        strings.Repeat("[", 100) + "0" + strings.Repeat(",0", 100_000) + strings.Repeat("]", 100),
	} {
		if got := JSON([]byte(raw)); got != raw {
			t.Errorf("%s: %d bytes of %d", name, len(got), len(raw))
		}
	}
	if got := JSON([]byte(`[[1,"]"]]`)); got != "[\n  [\n    1,\n    \"]\"\n  ]\n]" {
		t.Errorf("%s", got)
	}
}

func TestPrettyKeepsWhatAnEventSays(t *testing.T) {
	raw := `{"a":1.50,"a":12345678901234567890,"s":"` + "é\u009b2J\u202e\U000e0001\x7f" + `"}`
	got := JSON([]byte(raw))
	want := "{\n  \"a\": 1.50,\n  \"a\": 12345678901234567890,\n  \"s\": \"é\\u009b2J\\u202e\\udb40\\udc01\\u007f\"\n}"
	if got != want {
		t.Errorf("got %s", got)
	}
	var before, after any
	if err := errors.Join(json.Unmarshal([]byte(raw), &before), json.Unmarshal([]byte(got), &after)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("it means something else:\n%s", diff)
	}
	if got := JSON([]byte("a\x1b[2J")); got != `"a\x1b[2J"` {
		t.Errorf("no JSON: got %s", got)
	}
}
