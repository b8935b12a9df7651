package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
)

// A mistake is a configuration, and all that is said of it: LINE:COLUMN: KEY is "VALUE": what is wrong; what to write.
type mistake struct{ text, want string }

// Whatever is wrong in a configuration: `check` and `run` say the same, where it is, what stands there, and what to do. No text
// is shown that may be a secret, and each secret here is hunter2.
func TestEachMistakeIsSaidWithItsPlaceItsValueAndAdvice(t *testing.T) {
	setMistakenVariables(t)
	all := slices.Concat(mistakesKeys, mistakesShapes, mistakesText, mistakesValues, mistakesLimits, mistakesPlaces, mistakesBrokers, mistakesSecrets,
		mistakesWebhook, mistakesCallback, mistakesBytes(), mistakesWhere, mistakesInbox)
	if len(all) < 110 {
		t.Errorf("these are %d mistakes", len(all))
	}
	for i, m := range all {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			text := m.text
			if strings.Contains(text, ":") && !strings.Contains(text, "handler") && text[0] != '{' {
				text += "\nhandlers: [{name: p, stdout: {}}]\n"
			}
			file := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			want := file + ":" + strings.ReplaceAll(m.want, "FILE:", file+":")
			for _, command := range []string{"check", "run"} {
				if got := mistakeSaidBy(t, command, file); got != want {
					t.Errorf("%s of\n%s\nsays %s\nwant %s", command, m.text, got, want)
				}
			}
			wantNoSecretShown(t, file)
			if !strings.Contains(m.want, "; ") && !strings.Contains(m.want, "must be") {
				t.Errorf("%s does not say what to do", m.want)
			}
			for _, jargon := range []string{"mapping", "sequence", "scalar", "struct", "strconv", "parse ", "unmarshal", "invalid"} {
				if strings.Contains(m.want, jargon) {
					t.Errorf("%s is no plain English: %s", m.want, jargon)
				}
			}
		})
	}
}

// wantNoSecretShown looks at all that a person sees of a configuration that is wrong, with the lines of the file too.
func wantNoSecretShown(t *testing.T, file string) {
	t.Helper()
	for _, command := range []string{"check", "check --json", "run"} {
		var said bytes.Buffer
		to := &lockedWriter{w: &said}
		run(t.Context(), append(strings.Fields(command), "--config", file, "--log-format", "console"), to, to)
		if strings.Contains(said.String(), "hunter") {
			t.Errorf("%s shows a secret:\n%s", command, &said)
		}
		if command == "run" && !strings.Contains(said.String(), " | ") {
			t.Errorf("%s shows no line of the file:\n%s", command, &said)
		}
	}
}

// setMistakenVariables sets what the configurations refer to.
func setMistakenVariables(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"V": "v", "BLANK": "", "COMMENTED": "hunter2 # note", "TEXT": "hunter2", "FIVE": "5", "QUOTED": `"hunter2"`,
		"LIST": "1500000001,hunter2", "TWICE": "7, 7", "JSON": "[7, 8]", "CRLF": "hunter2\r",
		"NOFILE": filepath.Join(dir, "none"), "FOLDER": dir,
	} {
		t.Setenv(name, value)
	}
	for name, text := range map[string]string{
		"EMPTY": "\n", "LARGE": strings.Repeat("hunter2", 10_000), "LINES": "hunter2\nhunter2\n", "SPACES": " hunter2",
		"BINARY": "\x00hunter2",
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, file)
	}
}

// mistakeSaidBy returns what a command says of a configuration, on one line.
func mistakeSaidBy(t *testing.T, command, file string) string {
	t.Helper()
	args := []string{command, "--config", file}
	if command == "check" {
		args = append(args, "--json")
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, &lockedWriter{w: &stdout}, &lockedWriter{w: &stderr}); code != exitUsage {
		t.Errorf("%s: exit code %d, want %d", command, code, exitUsage)
	}
	if command != "check" {
		return fatalMessage(t, stderr.String())
	}
	var found []string // a row for each mistake
	for rows := json.NewDecoder(&stdout); rows.More(); {
		var row finding
		if err := rows.Decode(&row); err != nil {
			t.Fatalf("check printed no rows: %v", err)
		}
		wantEqual(t, "check", row.Check+" "+row.Result, "configuration fail")
		found = append(found, row.Found)
	}
	return strings.Join(found, " ")
}

// fatalMessage returns what a command that has failed says last, on one line: in a line of the log, or as text.
func fatalMessage(t *testing.T, stderr string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := lines[len(lines)-1]; strings.HasPrefix(last, "{") {
		var line struct{ Message string }
		if err := json.Unmarshal([]byte(last), &line); err != nil {
			t.Fatalf("%s: %v", last, err)
		}
		return show.Plain(line.Message)
	}
	_, message, _ := strings.Cut("\n"+stderr, "\nvodworker: ")
	return show.Plain(message)
}

// Files that are no text, or not in UTF-8. A function, as this binary is the program too, and would make them at each start.
func mistakesBytes() []mistake {
	return []mistake{
		{inUTF16("vod: {rate: 5}"), "1:1: the file is UTF-16; save it as UTF-8"},
		{"vod:\n  region: \"\xb9\xe3\xd6\xdd\"", "2:12: this is not UTF-8, but GBK perhaps; save the file as UTF-8"},
		{"\x7fELF\x00", "1:5: a NUL stands here, so this is no text; name the right file"},
		{"#" + strings.Repeat(" ", config.MaxText),
			"1:1: the file has more than 1 MiB; a configuration is smaller, name the right file"},
	}
}

func inUTF16(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}
