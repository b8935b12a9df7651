package show

import "testing"

func TestAFileIsNoFlag(t *testing.T) {
	for name, want := range map[string]string{"-x.yaml": "./-x.yaml", "--a b": "'./--a b'", "x.yaml": "x.yaml", "/-x": "/-x"} {
		if got := File(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAWordIsQuotedWhereAShellWouldSplitIt(t *testing.T) {
	for text, want := range map[string]string{
		"/etc/vodworker/prod-1.yaml": "/etc/vodworker/prod-1.yaml",
		"my config.yaml":             "'my config.yaml'",
		"it's":                       `'it'\''s'`,
		"$HOME":                      "'$HOME'",
		"点播.yaml":                    "点播.yaml",
	} {
		if got := Word(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
