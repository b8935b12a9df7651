package deploy

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// A job of a CI starts the image without arguments, waits until it is healthy, and calls it by the name of the service.
func TestTheEmulatorsImageIsAServiceContainer(t *testing.T) {
	service := startEmulator(t, []string{"VODWORKER_EMULATE_HOST=vod"})
	service.must(service.config.Healthcheck.Test[1:]...) // after "CMD"

	job := service.neighbour("vod", "other")
	job.must("/vodworker", "emulate", "reset", "--emulator", "http://vod:9266")
	file := strings.TrimSpace(job.must("/vodworker", "emulate", "upload", "a.mp4", "--emulator", "http://vod:9266"))
	write(t, filepath.Join(job.folder, "config.yaml"), `{vod: {endpoint: "http://vod:9266", credentials: `+
		`{secret_id: AKIDemulator, secret_key: emulator}}, handlers: [{name: print, stdout: {}}]}`, 0o644)
	events := job.must("/vodworker", "drain", "--config", "/config.yaml", "--max-events", "1", "--ok-codes", "3")
	if file == "" || !strings.Contains(events, file) {
		t.Errorf("it has no event of %q:\n%s", file, events)
	}
	wantEqual(t, "confirmed", job.stats("http://vod:9266").Confirmed, 1)

	job.must("/vodworker", "emulate", "upload", "b.mp4", "--emulator", "http://vod:9266")
	job.must("/vodworker", "emulate", "advance", "97h", "--emulator", "http://vod:9266")
	wantEqual(t, "dropped", job.stats("http://vod:9266").Dropped, 1) // the API keeps an event for 96 h

	out, err := job.command("/vodworker", "emulate", "reset", "--emulator", "http://other:9266").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--host") {
		t.Errorf("by another name: %v\n%s", err, out)
	}
	if log, err := service.stop(); err != nil || !strings.Contains(log, "stopped") {
		t.Errorf("%v\n%s", err, log)
	}
}

// As by docker run IMAGE --events 0, and docker exec CONTAINER /vodworker emulate upload a.mp4.
func TestTheEmulatorsImageTakesFlagsAndCommands(t *testing.T) {
	service := startEmulator(t, nil, "--events", "0")
	const here = "http://127.0.0.1:9266"
	wantEqual(t, "sent", service.stats(here).Sent, 0)
	service.must("/vodworker", "emulate", "upload", "a.mp4")
	wantEqual(t, "sent", service.stats(here).Sent, 1)
	service.must("/vodworker", "emulate", "reset")
	wantEqual(t, "sent", service.stats(here).Sent, 0)
}

// With --tls too there is nothing to write to, so that the authority's certificate is fetched.
func TestTheEmulatorsImageServesHTTPS(t *testing.T) {
	service := startEmulator(t, []string{"VODWORKER_EMULATE_HOST=vod"}, "--tls")
	service.must(service.config.Healthcheck.Test[1:]...)
	certificate := output(t, "nsenter", "--net="+service.network, "curl", "-sSf", "http://localhost:9266/emulator/authority")
	job := service.neighbour("vod", "other")
	write(t, filepath.Join(job.folder, "authority.pem"), certificate, 0o644)
	job.config.Env = []string{"SSL_CERT_FILE=/authority.pem"}
	job.must("/vodworker", "emulate", "reset", "--emulator", "https://vod:9266")
	out, err := job.command("/vodworker", "emulate", "reset", "--emulator", "https://other:9266").CombinedOutput()
	if err == nil || strings.Contains(string(out), "--host") {
		t.Errorf("it has a certificate for any name: %v\n%s", err, out)
	}
}

type stats struct{ Sent, Confirmed, Dropped int }

// stats returns what an emulator counts.
func (c *container) stats(emulator string) stats {
	c.t.Helper()
	var state struct{ Stats stats }
	if out := c.must("/vodworker", "emulate", "state", "--emulator", emulator); json.Unmarshal([]byte(out), &state) != nil {
		c.t.Fatal(out)
	}
	return state.Stats
}
