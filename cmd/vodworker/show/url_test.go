package show

import "testing"

func TestURLHidesWhoLogsIn(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"https://example.com/vod":            "https://example.com/vod",
		"https://example.com/@me?a=b@c":      "https://example.com/@me?a=b@c",
		"https://u:hunter2@example.com/v":    "https://…@example.com/v",
		"https://u:hunt@er2@example.com?x=y": "https://…@example.com?x=y",
		"https://u:hunt/er2@example.com":     "https://…@example.com",
		"u:hunter2@example.com":              "…@example.com",
	} {
		if got := URL(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

func TestAndListsSeveral(t *testing.T) {
	for want, of := range map[string][]int{"": nil, "7": {7}, "7 and 8": {7, 8}, "7, 8 and 9": {7, 8, 9}} {
		if got := And(of); got != want {
			t.Errorf("%v is %s, want %s", of, got, want)
		}
	}
}
