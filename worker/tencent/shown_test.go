package tencent_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/vodworker/vodworker/worker/tencent"
)

// steering is what would steer a terminal, start a line, or turn text around.
const steering = `\u001b[2J\u0007\n\r\u009b2J\u202e\u2066\u200b\u007f`

func fit(text string) bool {
	return len(text) <= 310 && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func TestNoStringOfAnAnswerSteersATerminal(t *testing.T) {
	long := strings.Repeat("long ", 10_000)
	answers := map[string]string{
		"an error":      `{"Response":{"Error":{"Code":"A` + steering + `B","Message":"m` + steering + `"},"RequestId":"r` + steering + `"}}`,
		"a long error":  `{"Response":{"Error":{"Code":"` + long + `","Message":"` + long + `"},"RequestId":"` + long + `"}}`,
		"a known error": `{"Response":{"Error":{"Code":"AuthFailure.` + steering + `","Message":""},"RequestId":""}}`,
		"an old error":  `{"code":1,"codeDesc":"A` + steering + `","message":"` + steering + `"}`,
	}
	for name, answer := range answers {
		source := newSource(t, tencent.Options{Endpoint: answering(t, body(answer))})
		for action, call := range actions {
			api, ok := errors.AsType[*tencent.Error](call(t.Context(), source))
			if !ok || !fit(api.Code) || !fit(api.Message) || !fit(api.RequestID) || !fit(api.Hint) || api.Code == "" {
				t.Errorf("%s answered %s: %+q", action, name, api)
			}
		}
	}
	source := newSource(t, tencent.Options{Endpoint: answering(t, body(
		`{"Response":{"Mode":"P`+steering+`","NotificationUrl":"http://`+steering+`","RequestId":"r`+steering+`"}}`))})
	if answer, err := source.ConfirmAnswer(t.Context(), []string{"1"}); err != nil || !fit(string(answer)) {
		t.Errorf("ConfirmAnswer: %q, %v", answer, err)
	}
	if settings, err := source.Settings(t.Context()); err != nil || !fit(settings.Mode) || !fit(settings.NotificationURL) {
		t.Errorf("Settings: %+q, %+q, %v", settings.Mode, settings.NotificationURL, err)
	}
	source = newSource(t, tencent.Options{Endpoint: answering(t, with("Date", "\u202e"+long, good))})
	_ = source.Confirm(t.Context(), []string{"1"})
	if _, err := source.ClockAhead(); err == nil || !fit(err.Error()) {
		t.Errorf("ClockAhead: %q", err)
	}
}

// What is sent may come back in any answer.
func TestAnAnswerThatRepeatsWhatWasSentIsNotShown(t *testing.T) {
	const secret, token = "hunter4-the-secret-key", "hunter5-the-token"
	echo := func(format string) http.HandlerFunc {
		text := secret + " " + token + " hunter2"
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.ReplaceAll(format, "ECHO", text)) }
	}
	for _, format := range []string{
		"ECHO", `"ECHO"`, `{"headers":"ECHO"}`, `{"Response":"ECHO"}`, `{"Response":{"RequestId":"r","Mode":7,"CountOfEventsToPull":"ECHO"}}`,
		`{"Response":{"RequestId":"r","EventSet":"ECHO"}}`,
		`{"Response":{"Error":{"Code":"X.ECHO","Message":"ECHO"},"RequestId":"ECHO"}}`,
		`{"Response":{"Error":{"Code":"X","Message":"` + strings.Repeat("x", 290) + `ECHO"},"RequestId":"r"}}`,
		`{"code":1,"codeDesc":"ECHO","message":"ECHO"}`,
	} {
		source := newSource(t, tencent.Options{
			Endpoint:    answering(t, echo(format)),
			Credentials: &tencent.Credentials{SecretID: "AKID", SecretKey: secret, Token: token},
		})
		for action, call := range actions {
			sent := []string{"hunter4", "hunter5"}
			if action == "ModifyEventConfig" {
				sent = append(sent, "hunter2")
			}
			api, _ := errors.AsType[*tencent.Error](call(t.Context(), source))
			for _, secret := range sent {
				if api != nil && strings.Contains(fmt.Sprint(api, api.RequestID), secret) {
					t.Errorf("%s answered %s: %v", action, format, api)
				}
			}
		}
	}
}

func TestTheSDKWritesNoRequestAnywhere(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stderr := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = stderr }()
	source := newSource(t, tencent.Options{
		Endpoint:    answering(t, body(good)),
		Credentials: &tencent.Credentials{SecretID: "AKID", SecretKey: "secret", Token: "hunter5"},
	})
	tencent.Debug(source)
	if err := source.Confirm(t.Context(), []string{"1"}); err != nil {
		t.Error(err)
	}
	if written, err := os.ReadFile(file.Name()); err != nil || len(written) > 0 {
		t.Errorf("%s, %v", written, err)
	}
}
