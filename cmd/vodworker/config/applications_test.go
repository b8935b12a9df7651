package config

import (
	"strings"
	"testing"
)

func TestConfigurationsWhoseApplicationsContradictAreRefused(t *testing.T) {
	for _, test := range []struct{ vod, handlers, want string }{
		{"{sub_app_ids: [7, 7]}", "[{name: a, stdout: {}}]", `1:24: vod.sub_app_ids[1] is "7": the list has it twice`},
		{"{sub_app_ids: [7, 8]}", "[{name: a, sub_app_ids: [7], stdout: {}}]", "no handler is for application 8"},
		{"{sub_app_ids: [7]}", "[{name: a, stdout: {}}, {name: b, sub_app_ids: [9], stdout: {}}]",
			`handlers[1].sub_app_ids[0] is "9": neither vod.sub_app_ids nor callback.sub_app_id names`},
		{"{}", "[{name: a, sub_app_ids: [9], stdout: {}}]", "no handler is for application 0"},
	} {
		_, err := parse(t, "vod: "+test.vod+"\nhandlers: "+test.handlers, nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %q", test.vod, test.handlers, err, test.want)
		}
	}
}
