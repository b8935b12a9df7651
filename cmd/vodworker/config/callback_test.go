package config

import (
	"slices"
	"strings"
	"testing"
)

func TestASignKeyMayHaveASecondOneWhileItIsChanged(t *testing.T) {
	env := map[string]string{"OLD": secretFile(t, "old1\n"), "NEW": secretFile(t, "new2"), "KEY": "env3"}
	for text, want := range map[string][]string{
		`{}`:                                       nil,
		`{sign_keys: []}`:                          nil,
		`{sign_key: ""}`:                           nil,
		`{sign_key: old1}`:                         {"old1"},
		`{sign_key_file: "${OLD}"}`:                {"old1"},
		`{sign_keys: [old1]}`:                      {"old1"},
		`{sign_keys: [old1, "${KEY}"]}`:            {"old1", "env3"},
		`{sign_keys: [123, "456"]}`:                {"123", "456"},
		`{sign_keys: "${KEY}"}`:                    {"env3"},
		`{sign_keys_file: ["${OLD}"]}`:             {"old1"},
		`{sign_keys_file: ["${OLD}", "${NEW}"]}`:   {"old1", "new2"},
		`{sign_keys_file: [], sign_keys: ["a"]}`:   {"a"},
		`{sign_keys: [], sign_key_file: "${NEW}"}`: {"new2"},
	} {
		config, err := parse(t, "callback: "+text+printAll, env)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := config.Callback.Keys(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestSignKeysThatCannotBeMeantAreRefusedAndNotShown(t *testing.T) {
	env := map[string]string{"FULL": secretFile(t, "hunter2"), "EMPTY": secretFile(t, "\n"), "NONE": "/none", "UNSET": ""}
	for text, want := range map[string]string{
		`{sign_keys: [hunter2, ""]}`:                          "callback.sign_keys[1]: it is empty;",
		`{sign_keys: ["${UNSET:-}", hunter2]}`:                "callback.sign_keys[0]: it is empty;",
		`{sign_keys: [hunter2, hunter2]}`:                     "must be another",
		`{sign_keys: [hunter2, hunter22, hunter23]}`:          "VOD has one key",
		`{sign_keys_file: ["${FULL}", "${FULL}"]}`:            "must be another",
		`{sign_keys_file: ["${FULL}", "${EMPTY}"]}`:           `callback.sign_keys_file[1] is "${EMPTY}": the file is empty;`,
		`{sign_keys_file: ["${NONE}"]}`:                       `callback.sign_keys_file[0] is "${NONE}": there is no such file;`,
		`{sign_keys: [hunter2], sign_keys_file: ["${FULL}"]}`: "callback.sign_keys_file: callback.sign_keys is given too;",
		`{sign_keys: [hunter2], sign_key: hunter2}`:           "callback.sign_key: callback.sign_keys is given too;",
		`{sign_keys: hunter-2}`:                               "callback.sign_keys[0]: VOD's keys are of up to 32 letters and digits;",
		`{sign_keys: {a: hunter2}}`:                           "c.yaml:1:23: callback.sign_keys[0]: one value is needed, not keys;",
		`{sign_keys: [hunter2, [hunter2]]}`:                   "c.yaml:1:33: callback.sign_keys[1]: one value is needed, not a list;",
		`{sign_keys: [hunter2, hunter2], widnow: hunter2}`:    `unknown key "widnow"`,
		`{sign_keys: ["hunter2", "a]hunter2"], widnow: 1}`:    `unknown key "widnow"`,
		`{sign_keys_file: hunter2}`:                           "c.yaml:1:28: callback.sign_keys_file[0]: there is no such file;",
	} {
		_, err := parse(t, "callback: "+text+printAll, env)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
