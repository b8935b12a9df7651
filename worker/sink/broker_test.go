package sink_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/sink"
)

// The file is written anew while a connection is made.
func TestWhileAPasswordCannotBeReadTheLastOneHolds(t *testing.T) {
	var log strings.Builder
	now, failure := "first", error(nil)
	login := sink.BrokerOptions{
		Username: "u", Password: "first", PasswordFile: "f", Log: zerolog.New(&log),
		ReadSecret: func(string) (string, error) { return now, failure },
	}.Login()
	for _, step := range []struct {
		now     string
		failure error
		want    string
	}{
		{"", errors.New("no such file"), "first"}, {"second", nil, "second"}, {"", errors.New("no such file"), "second"},
		{"", errors.New("no such file"), "second"}, {"", nil, "second"}, {"third", nil, "third"},
	} {
		now, failure = step.now, step.failure
		if username, password := login(); username != "u" || password != step.want {
			t.Errorf("%+v: %s, %s", step, username, password)
		}
	}
	if got := log.String(); strings.Count(got, "read password_file again failed") == 0 || strings.Count(got, "no such file") > 3 ||
		!strings.Contains(got, "recovered") || strings.Contains(got, "second") {
		t.Errorf("the log says:\n%s", got)
	}
}
