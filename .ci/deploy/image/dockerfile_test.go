package main

import (
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Docker builds the same from the file, or the file is refused: no instruction is half understood.
func TestAnImageOfAnUnknownInstructionIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"FROM scratch\n\nRUN true":              "x.Dockerfile:3: RUN true: make image does not know this",
		"FROM alpine":                           "make image does not know this",
		"ENV A=1 B=2":                           "make image does not know this",
		"COPY --chmod=755 a /b":                 "make image does not know this",
		"HEALTHCHECK NONE":                      "does not know NONE",
		"HEALTHCHECK CMD /vodworker version":    "it must end with CMD and a list of words",
		"HEALTHCHECK CMD []":                    "it must end with CMD and a list of words",
		`HEALTHCHECK 2s CMD ["/x"]`:             "does not know 2s",
		`HEALTHCHECK --interval=2 CMD ["/x"]`:   "missing unit",
		`HEALTHCHECK --often=2s CMD ["/x"]`:     "does not know --often=2s",
		`HEALTHCHECK --interval 2s CMD ["/x"]`:  "invalid duration",
		`HEALTHCHECK --retries=no CMD ["/x"]`:   "invalid syntax",
		"ENTRYPOINT /vodworker emulate":         "invalid character",
		"HEALTHCHECK --interval=2s --retries=3": "it must end with CMD and a list of words",
	} {
		if _, err := parse("x.Dockerfile", text, "amd64"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", text, err, want)
		}
	}
}

func TestAnImageHasTheHealthcheckOfItsDockerfile(t *testing.T) {
	r, err := parse("Dockerfile", `HEALTHCHECK --interval=2s --timeout=5s --start-period=1m --retries=4 CMD ["/a", "CMD b"]`, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	want := v1.HealthConfig{Interval: 2 * time.Second, Timeout: 5 * time.Second, StartPeriod: time.Minute, Retries: 4}
	got := *r.config.Healthcheck
	if words := strings.Join(got.Test, "|"); words != "CMD|/a|CMD b" {
		t.Errorf("it runs %s", words)
	}
	if got.Interval != want.Interval || got.Timeout != want.Timeout || got.StartPeriod != want.StartPeriod || got.Retries != want.Retries {
		t.Errorf("%+v, want %+v", got, want)
	}
}
