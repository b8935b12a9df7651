package vodtest

import (
	"embed"
	"fmt"
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
