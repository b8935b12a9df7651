package config

import (
	"strings"
	"testing"
)

func TestHeadersComeFromTheFileItselfAndFromOthers(t *testing.T) {
	env := map[string]string{"TOKEN": "Bearer hunter2", "FILE": secretFile(t, "hunter3\n")}
	config, err := parse(t, `
x-all: &all {X-Tenant: shop, X-Version: 2}
handlers:
  - name: a
    webhook:
      url: https://example.com
      success: {json: code, in: [0, "200"]}
      headers: {<<: *all, Authorization: "${TOKEN}"}
      headers_file: {X-Token: "${FILE}"}
`, env)
	if err != nil {
		t.Fatal(err)
	}
	hook := config.Handlers[0].Webhook
	for name, want := range map[string]string{
		"X-Tenant": "shop", "X-Version": "2", "Authorization": "Bearer hunter2", "X-Token": "hunter3",
	} {
		wantEqual(t, name, hook.Headers[name], want)
	}
	wantEqual(t, "headers", len(hook.Headers), 4)
	wantEqual(t, "headers_file", hook.HeadersFile["X-Token"], env["FILE"])
	wantEqual(t, "success", strings.Join(hook.Success.In, " "), "0 200")
	if withheld := strings.Join(config.Withheld(), " "); !strings.Contains(withheld, "TOKEN") {
		t.Errorf("programs get the variable of a header: withheld are %s", withheld)
	}
}

func TestAFileOfAHeaderIsNotWrittenOver(t *testing.T) {
	env := map[string]string{"FILE": secretFile(t, "hunter2")}
	_, err := parse(t, `
handlers:
  - {name: a, webhook: {url: "https://example.com", headers_file: {X-Token: "${FILE}"}}}
  - {name: b, file: {path: "${FILE}"}}
`, env)
	if err == nil || !strings.Contains(err.Error(), "which would be written over") {
		t.Errorf("got %v", err)
	}
}
