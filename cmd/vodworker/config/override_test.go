package config

import (
	"strings"
	"testing"
	"time"
)

func TestAVariableStandsForAKey(t *testing.T) {
	for name, test := range map[string]struct {
		text, listen, grace string // the file, and the variables
		wantListen          string
		wantGrace           time.Duration
	}{
		"none":                        {"", "", "", DefaultAdmin, 20 * time.Second},
		"the file alone":              {"admin: {listen: ':1'}\nworker: {stop_grace: 3s}", "", "", ":1", 3 * time.Second},
		"both":                        {"admin: {listen: ':1'}\nworker: {stop_grace: 3s}", ":9464", "50s", ":9464", 50 * time.Second},
		"the variables alone":         {"", ":9464", "50s", ":9464", 50 * time.Second},
		"one that the file turns off": {"admin: {listen: ''}", ":9464", "", ":9464", 20 * time.Second},
	} {
		config, err := Parse("c.yaml", []byte("handlers: [{name: a, stdout: {}}]\n"+test.text), variables(test.listen, test.grace), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if config.Admin.Listen != test.wantListen || time.Duration(config.Worker.StopGrace) != test.wantGrace {
			t.Errorf("%s: %q, %v", name, config.Admin.Listen, config.Worker.StopGrace)
		}
	}
}

// Who sets the variable knows the grace of the pod.
func TestALongGraceOfAVariableIsMeant(t *testing.T) {
	for _, grace := range []string{"", "50s"} {
		config, err := Parse("c.yaml", []byte("handlers: [{name: a, stdout: {}}]\nworker: {stop_grace: 50s}\n"), variables("", grace), nil)
		if err != nil {
			t.Fatal(err)
		}
		if warned := len(config.Warnings) > 0; warned != (grace == "") {
			t.Errorf("VODWORKER_STOP_GRACE=%s: %v", grace, config.Warnings)
		}
	}
}

func TestAMistakeInAVariableNamesItAndTheKey(t *testing.T) {
	for _, test := range []struct{ listen, grace, want string }{
		{"9464", "", "VODWORKER_ADMIN_LISTEN, for admin.listen: the colon in front of the port is missing; write :9464"},
		{":9464/metrics", "", "VODWORKER_ADMIN_LISTEN, for admin.listen: it has a path; write only the address here, such as :9464"},
		{"", "20", "VODWORKER_STOP_GRACE, for worker.stop_grace: "},
		{"", "-1s", "VODWORKER_STOP_GRACE, for worker.stop_grace: "},
	} {
		_, err := Parse("c.yaml", []byte("handlers: [{name: a, stdout: {}}]\n"), variables(test.listen, test.grace), nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "callback") {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

func variables(listen, grace string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch name {
		case "VODWORKER_ADMIN_LISTEN":
			return listen, true
		case "VODWORKER_STOP_GRACE":
			return grace, true
		}
		return "", false
	}
}
