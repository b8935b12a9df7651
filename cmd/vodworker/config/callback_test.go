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
		`{sign_keys: [hunter2, ""]}`:                          "one of them is empty",
		`{sign_keys: ["${UNSET:-}", hunter2]}`:                "one of them is empty",
		`{sign_keys: [hunter2, hunter2]}`:                     "must be another",
		`{sign_keys: [hunter2, hunter22, hunter23]}`:          "VOD has one key",
		`{sign_keys_file: ["${FULL}", "${FULL}"]}`:            "must be another",
		`{sign_keys_file: ["${FULL}", "${EMPTY}"]}`:           "callback.sign_keys_file[1]: ",
		`{sign_keys_file: ["${NONE}"]}`:                       "callback.sign_keys_file[0]: open /none",
		`{sign_keys: [hunter2], sign_keys_file: ["${FULL}"]}`: "callback.sign_keys and callback.sign_keys_file are both given",
		`{sign_keys: [hunter2], sign_key: hunter2}`:           "callback.sign_key and callback.sign_keys are both given",
		`{sign_keys: hunter2}`:                                "[1:",
		`{sign_keys: {a: hunter2}}`:                           "[1:",
		`{sign_keys: [hunter2, [hunter2]]}`:                   "[1:",
		`{sign_keys: [hunter2, hunter2], widnow: hunter2}`:    `unknown field "widnow"`,
		`{sign_keys: ["hunter2", "a]hunter2"], widnow: 1}`:    `unknown field "widnow"`,
		`{sign_keys_file: hunter2}`:                           "[1:",
	} {
		_, err := parse(t, "callback: "+text+printAll, env)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
