package nearest

import "testing"

func TestASlipIsOneEdit(t *testing.T) {
	for slip, want := range map[string]int{
		"window": 0, "WINDOW": 0, "widnow": 1, "windw": 1, "winddow": 1, "wimdow": 1, "": 6, "wid": 3,
	} {
		if got := Distance(slip, "window"); got != want {
			t.Errorf("%q: %d edits, want %d", slip, got, want)
		}
	}
}

func TestTheNearestNameHasTheFewestEdits(t *testing.T) {
	for given, want := range map[string]string{"nset": "nest", "fyl": "fly", "": "fly", "nestfly": "nest"} {
		if got := Of(given, []string{"nest", "fly"}); got != want {
			t.Errorf("%q: %s, want %s", given, got, want)
		}
	}
}
