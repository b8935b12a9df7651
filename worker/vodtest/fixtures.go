package vodtest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

//go:embed fixtures/*.json
var fixtures embed.FS

// Fixture returns a sample event of a type: an EventContent without an EventHandle, with realistic values.
func Fixture(eventType string) ([]byte, error) {
	content, err := fixtures.ReadFile("fixtures/" + eventType + ".json")
	if err != nil {
		return nil, fmt.Errorf("vodtest: there is no fixture of the event type %q", eventType)
	}
	return content, nil
}

// Fixtures returns the event types that have a fixture, in alphabetical order: every documented one.
func Fixtures() []string {
	files, _ := fixtures.ReadDir("fixtures") // embedded, so it is there
	types := make([]string, len(files))
	for i, file := range files {
		types[i] = strings.TrimSuffix(file.Name(), ".json")
	}
	return types
}

// fixtureIDs are the TaskIds and the FileIds in a fixture, also those in its URLs.
var fixtureIDs = regexp.MustCompile(`[0-9]+-(\w+)-[0-9a-f]{32}t0|\b[0-9]{19,20}\b`)

// Emit queues the fixture of a type, whatever ModifyEventConfig has switched off. Its TaskIds and FileIds are new, one
// for each in the fixture, so that two of them are two events; everything else is that of [Fixture], without white
// space. A type that has no fixture is an error.
func (e *Emulator) Emit(subAppID uint64, eventType string) error {
	fixture, err := Fixture(eventType)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	if err := json.Compact(&content, fixture); err != nil {
		return fmt.Errorf("vodtest: the fixture of %s: %w", eventType, err)
	}
	renewed := map[string]string{}
	renew := func(old string) string {
		id, ok := renewed[old]
		if !ok {
			if task := fixtureIDs.FindStringSubmatch(old); task[1] != "" {
				id = e.ids.task(subAppID, task[1])
			} else {
				id = e.ids.file()
			}
			renewed[old] = id
		}
		return id
	}
	return e.Send(subAppID, []byte(fixtureIDs.ReplaceAllStringFunc(content.String(), renew)))
}
